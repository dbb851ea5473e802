import Glibc
import SagaDemo

/// What `make demo` runs.
@main
enum Program {
    static func main() async {
        exit(await Demo.run(Array(CommandLine.arguments.dropFirst())))
    }
}
