import Glibc
import SagaCheck
import SagaCore
import SagaLanguage

// Verifies the definitions whose files are named, and says what does not hold.
var failed = false
for file in CommandLine.arguments.dropFirst() {
    let loaded = DefinitionDirectory.load(files: [file])
    guard let definition = loaded.definitions.first?.definition else {
        print(loaded.diagnostics.rendered)
        exit(2)
    }
    let scenarios = ScenarioFile.read(ScenarioFile.scenarios(beside: file)).file
    let result = ModelCheck.run(definition, invariants: scenarios?.invariants ?? [])
    guard !result.hasPassed else { continue }
    failed = true
    let properties = result.counterexamples.map { "\($0.property)" }
    print("\(file): \(properties.first ?? "more states than the limit")")
}
exit(failed ? 1 : 0)
