import OperatorTool

/// The tool's entry; everything else is in the library, so that tests need not wait for a link.
@main
enum Program {
    static func main() async { await SagactlProgram.runAsProgram() }
}
