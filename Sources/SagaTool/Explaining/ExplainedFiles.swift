import SagaLanguage

// What a file is.
extension Explanation {
    static let files = [
        Explanation(
            .unreadable, "The file, or a schema file that it names, cannot be read.",
            why: "What cannot be read cannot be checked, so nothing starts without it.",
            wrong: .top("intake: {path: /api/examples, schema: nowhere.schema.json}"),
            right: Example(files: [
                (
                    "example.yaml",
                    """
                    saga: example
                    version: 1
                    intake: {path: /api/examples, schema: example.schema.json}
                    steps:
                      - {step: one, command: a.b, compensate: none}
                    """
                ), ("example.schema.json", "{\"type\": \"object\"}"),
            ])),
        Explanation(
            .tooLarge, "The definition is over 1 MiB, its schemas and aliases written out.",
            why: """
                A definition is kept in the database and read by people; at that size it is
                almost always something else under the wrong name.
                """,
            wrong: Example(
                files: [
                    (
                        "example.yaml",
                        "saga: example\nversion: 1\nsteps:\n"
                            + "  - {step: one, command: a.b, compensate: none, with: &body {x: '"
                            + String(repeating: "x", count: 600_000) + "'}}\n"
                            + "  - {step: two, command: a.b, compensate: none, with: *body}\n"
                    )
                ],
                summary: """
                    steps:
                      - {step: one, command: a.b, compensate: none, with: &body {x: 'xxx … '}}
                      - {step: two, command: a.b, compensate: none, with: *body}
                    """),
            right: .top("# What belongs elsewhere, such as a large text, is shortened.")),
        Explanation(
            .emptyFile, "The file holds no document.",
            why: "A file of definitions that says nothing is a mistake, not a wish.",
            wrong: Example("# saga: example\n"), right: .top("description: The smallest saga.")),
        Explanation(
            .severalDocuments, "The file holds more than one YAML document.",
            why: "One file is one version of one saga, so that a name says which file to open.",
            wrong: .top("description: The first.\nkey: ${input.id}").followed(
                by: "\n---\nsaga: second\n"),
            right: .top("description: The first.\nkey: ${input.id}")),
        Explanation(
            .tooMany, "More is wrong with the file than is shown.",
            why: "After a hundred findings the first ones usually explain the rest.",
            wrong: Example(
                files: [
                    (
                        "example.yaml",
                        "saga: example\nversion: 1\n"
                            + (1...120).map { "key\($0)z: 1\n" }.joined()
                            + "steps:\n  - {step: one, command: a.b, compensate: none}\n"
                    )
                ],
                summary: "saga: example\nversion: 1\nkey1z: 1\nkey2z: 1\n# … and so on to key120z"),
            right: .top("description: Mend what is shown, and load again.")),
        Explanation(
            .yamlSyntax, "The text is not YAML.",
            why: "Nothing can be said about a file before its punctuation is whole.",
            wrong: .steps("- step: one\n  command: [a.b\n  compensate: none"),
            right: .steps("- step: one\n  command: a.b\n  compensate: none")),
        Explanation(
            .unquotedExpression, "YAML breaks off inside a ${…}.",
            why: """
                In flow style YAML takes braces, commas and colons for its own punctuation, and
                everywhere it takes `: ` and ` #` so. Quotes keep the expression whole.
                """,
            wrong: .steps(
                "- step: one\n  command: a.b\n  with: {id: ${key}}\n  compensate: none"),
            right: .steps(
                "- step: one\n  command: a.b\n  with: {id: \"${key}\"}\n  compensate: none")),
        Explanation(
            .tooDeep, "Lists and mappings, or parts of an expression, are nested too deep.",
            why: "A bound on depth keeps a hostile file from exhausting the program.",
            wrong: Example(
                files: [
                    (
                        "example.yaml",
                        "saga: example\nversion: 1\nsteps:\n  - step: one\n    command: a.b\n"
                            + "    compensate: none\n    with: "
                            + String(repeating: "[", count: 80)
                            + String(repeating: "]", count: 80) + "\n"
                    )
                ],
                summary: "with: [[[[ … 80 lists inside one another … ]]]]"),
            right: .steps("- step: one\n  command: a.b\n  with: [[1, 2]]\n  compensate: none")),
        Explanation(
            .alias, "An alias names no anchor, or stands for too much.",
            why: "Aliases inside aliases grow without bound; a few lines could fill the memory.",
            wrong: .steps("- step: one\n  command: a.b\n  with: *body\n  compensate: none"),
            right: .steps(
                """
                - step: one
                  command: a.b
                  with: &body {id: "${key}"}
                  compensate: none
                - step: two
                  command: c.d
                  with: *body
                  compensate: none
                """)),
        Explanation(
            .tag, "A tag such as !!str stands before a value.",
            why: "Tags let YAML make other types than JSON has; the core schema needs none.",
            wrong: .steps("- step: !!str one\n  command: a.b\n  compensate: none"),
            right: .steps("- step: \"one\"\n  command: a.b\n  compensate: none")),
        Explanation(
            .keyNotText, "A name in a mapping is not text.",
            why: "JSON's names are text; a list as a name has no meaning there.",
            wrong: .steps("- step: one\n  command: a.b\n  with: {[a]: 1}\n  compensate: none"),
            right: .steps("- step: one\n  command: a.b\n  with: {a: 1}\n  compensate: none")),
        Explanation(
            .duplicateKey, "A name stands twice in a mapping.",
            why: "Only one of the two could count, and readers would not agree on which.",
            wrong: .steps("- step: one\n  command: a.b\n  command: c.d\n  compensate: none"),
            right: .steps("- step: one\n  command: a.b\n  compensate: none")),
        Explanation(
            .numberNotJSON, "A number that JSON does not have, or not exactly.",
            why: """
                Commands and events are JSON, whose numbers are doubles: infinities do not exist
                there, and a whole number beyond 2^53 would change on the way.
                """,
            wrong: .steps("- step: one\n  command: a.b\n  with: {n: .inf}\n  compensate: none"),
            right: .steps("- step: one\n  command: a.b\n  with: {n: 1e6}\n  compensate: none")),
    ]
}

extension Example {
    /// The same with that text after the first file's.
    func followed(by text: String) -> Example {
        var example = self
        example.files[0].text += text
        return example
    }
}
