import Simulation

@main
enum Program {
    static func main() { SimulateCommand.runAsProgram() }
}
