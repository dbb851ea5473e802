import ArgumentParser
import SagaDrawing
import SagaLanguage

/// `sagactl graph`: a definition as a drawing.
struct GraphCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph",
        abstract: "Draws a definition.",
        discussion: """
            What is done leads down; what turns the saga round, and what takes each step back, \
            leads up again.
            """)

    @Argument(help: "The definition.")
    var file: String

    @Option(help: "text for terminals, mermaid for pages of code hosts, svg for everything else.")
    var format = GraphFormat.text

    func report() -> Report {
        let loaded = DefinitionDirectory.load(files: [file])
        guard let definition = loaded.definitions.first else {
            return Report(problems: loaded.diagnostics.rendered, status: .findings)
        }
        let graph = SagaGraph(definition)
        switch format {
        case .text: return Report(output: graph.text)
        case .mermaid: return Report(output: graph.mermaid)
        case .svg: return Report(output: graph.svg)
        }
    }
}

/// How a definition is drawn.
enum GraphFormat: String, ExpressibleByArgument, CaseIterable {
    /// For terminals.
    case text
    /// For pages that draw Mermaid.
    case mermaid
    /// A picture.
    case svg
}
