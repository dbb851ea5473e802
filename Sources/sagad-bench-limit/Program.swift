import BenchLimit

@main
enum Program {
    static func main() async { await LimitCommand.runAsProgram() }
}
