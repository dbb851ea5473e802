internal import Foundation
package import SagaCore

/// A definition with what a store keeps of it.
package struct LoadedDefinition: Equatable, Sendable {
    /// The definition.
    package var definition: SagaDefinition
    /// Text that loads again to an equal definition.
    package var canonicalText: String
    /// The SHA-256 of the canonical text: 32 bytes.
    package var hash: [UInt8]
    /// The file as diagnostics name it.
    package var file: String
}

/// What came of loading a directory.
package struct DirectoryResult: Sendable {
    /// The definitions by name and version; empty where any diagnostic is an error.
    package var definitions: [LoadedDefinition]
    /// Everything that is wrong in all files, by file, line and column.
    package var diagnostics: [Diagnostic]
}

/// The definitions of a directory: the `*.yaml` at its top level, without the `*.test.yaml`.
package enum DefinitionDirectory {
    /// The definitions of a directory, or everything that is wrong with them.
    ///
    /// `active` names the sagas whose intakes count where several claim one path; nil is all.
    /// An error means that the directory itself cannot be listed.
    package static func load(
        _ path: String, active: [String]? = nil
    ) -> Result<DirectoryResult, UnreadableFile> {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            return .failure(
                UnreadableFile(
                    "the directory of definitions \(path) cannot be listed: \(reason(error))"))
        }
        let files = names.filter(isDefinition).sorted().map { name in
            load(file: name, in: path)
        }
        return .success(together(files, active: active, directory: path))
    }

    /// The definitions of these files, or everything that is wrong with them, by the rules of a
    /// directory that holds nothing else but the child sagas that stand beside them.
    package static func load(files paths: [String]) -> DirectoryResult {
        let files = paths.map { load(shown: $0, in: directory(of: $0)) }
        let hasChildren = files.contains { !$0.places.children.isEmpty }
        let beside = hasChildren ? definitions(beside: paths) : []
        var result = together(files + beside, active: nil, directory: "")
        let given = Set(paths)
        result.diagnostics.removeAll { !given.contains($0.file) }
        let loaded = files.compactMap(\.loaded)
        result.definitions = result.diagnostics.hasErrors ? [] : loaded
        return result
    }

    private static func directory(of path: String) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 1 ? "." : parts.dropLast().joined(separator: "/")
    }

    /// What loads of the definitions in the directories of these files, themselves left out.
    private static func definitions(beside paths: [String]) -> [LoadResult] {
        let given = Set(paths)
        return Set(paths.map(directory)).sorted().flatMap { directory in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
            return names.filter(isDefinition).sorted()
                .filter { !given.contains(directory == "." ? $0 : "\(directory)/\($0)") }
                .map { load(file: $0, in: directory) }.filter { $0.definition != nil }
        }
    }

    private static func together(
        _ files: [LoadResult], active: [String]?, directory: String
    ) -> DirectoryResult {
        var diagnostics = files.flatMap(\.diagnostics)
        diagnostics += DirectoryRules(files, active: active, directory: directory).diagnostics
        let hasErrors = diagnostics.hasErrors
        let definitions = files.compactMap { $0.loaded }.sorted { left, right in
            (left.definition.name, left.definition.version)
                < (right.definition.name, right.definition.version)
        }
        return DirectoryResult(
            definitions: hasErrors ? [] : definitions, diagnostics: diagnostics.sortedByPlace)
    }

    /// Whether a file of that name is a definition.
    package static func isDefinition(_ name: String) -> Bool {
        name.hasSuffix(".yaml") && !name.hasSuffix(".test.yaml") && !name.hasPrefix(".")
    }

    private static func load(file name: String, in directory: String) -> LoadResult {
        load(
            shown: directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)",
            in: directory)
    }

    private static func load(shown: String, in directory: String) -> LoadResult {
        switch text(ofFile: shown) {
        case .success(let text):
            return DefinitionLoader.load(alone: text, file: shown) { schema in
                self.text(ofFile: "\(directory)/\(schema)")
            }
        case .failure(let reason):
            let source = SourceText(file: shown, text: "")
            var list = DiagnosticList(source)
            list.error(
                .unreadable, at: YAMLSpan(YAMLMark(line: 1, column: 1), length: 1),
                "the file cannot be read: \(reason.message)")
            return LoadResult(unreadable: source, diagnostics: list.sorted)
        }
    }

    /// A file's text; one over the limit of a definition is not read.
    package static func text(ofFile path: String) -> Result<String, UnreadableFile> {
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            let bytes = try file.read(upToCount: YAMLReader.byteLimit + 1) ?? Data()
            guard bytes.count <= YAMLReader.byteLimit else {
                return .failure(UnreadableFile("it is over 1 MiB"))
            }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                return .failure(UnreadableFile("it is not UTF-8"))
            }
            return .success(text)
        } catch {
            return .failure(UnreadableFile(reason(error)))
        }
    }

    private static func reason(_ error: any Error) -> String {
        let cocoa = error as NSError
        let cause = cocoa.userInfo[NSUnderlyingErrorKey] as? NSError ?? cocoa
        guard cause.domain == NSPOSIXErrorDomain else { return cause.localizedDescription }
        return String(cString: strerror(Int32(cause.code)))
    }
}

extension LoadResult {
    /// What a store keeps of the file; nil where it has errors.
    fileprivate var loaded: LoadedDefinition? {
        definition.map {
            LoadedDefinition(
                definition: $0, canonicalText: canonicalText, hash: hash, file: places.source.file)
        }
    }
}
