import BenchLoad

@main
enum Program {
    static func main() async { await BenchCommand.runAsProgram() }
}
