import Daemon
import Glibc

/// The daemon's entry; everything else is in the library, so that tests need not wait for a link.
@main
enum Program {
    static func main() async {
        exit(await CommandLineProgram.run(Array(CommandLine.arguments.dropFirst())))
    }
}
