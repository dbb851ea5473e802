import Survival

@main
enum Program {
    static func main() async { await SurvivalCommand.runAsProgram() }
}
