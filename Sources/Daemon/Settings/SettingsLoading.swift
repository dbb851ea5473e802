extension Settings {
    /// The file that is read where it exists and `--config` names no other.
    static let standardFile = "/etc/sagad/sagad.yaml"

    /// Reads the settings of a command: flags win over the environment, that over credentials of
    /// systemd, these over the file, and the file over the defaults.
    ///
    /// `dev` reads a file only where `--config` names one: a trial must not touch what the
    /// machine's own service keeps.
    ///
    /// - Parameters:
    ///   - arguments: what follows the command's name.
    ///   - readFile: reads a file; `FileText.read` for those on the disk.
    /// - Throws: all problems at once; the program then ends with status 2.
    static func load(
        command: Command,
        arguments: [String],
        environment: [String: String],
        readFile: (String) -> FileText = FileText.read
    ) throws(SettingsProblems) -> Settings {
        let flags = SettingsFlags(arguments)
        var problems = flags.problems + SettingsFlags.refusals(of: flags.leftOver)
        let file = file(for: command, flags: flags, readFile: readFile)
        let credentials = SystemdLayers.credentials(
            environment, readFile: readFile, problems: &problems)
        problems += file.problems
        let layers = [
            flags.layer,
            EnvironmentLayer.read(environment),
            credentials,
            file.layer,
            SystemdLayers.stateDirectory(environment, command: command),
        ]
        var reading = SettingsReading(command: command, layers: layers)
        var settings = Settings(command: command, reading: &reading)
        settings.check(&reading)
        problems += reading.problems
        guard problems.isEmpty else { throw SettingsProblems(problems: problems) }
        settings.warnings =
            EnvironmentLayer.warnings(environment)
            + settings.reachWarnings
        return settings
    }

    private static func file(
        for command: Command, flags: SettingsFlags, readFile: (String) -> FileText
    ) -> (layer: SettingsLayer, problems: [SettingsProblem]) {
        let none = SettingsLayer(name: "file")
        guard let path = flags.configPath ?? (command == .dev ? nil : standardFile) else {
            return (none, [])
        }
        let found: String
        switch readFile(path) {
        case .bytes(let bytes):
            let file = SettingsFile(path: path, bytes: bytes)
            return (file.layer, file.problems)
        case .missing where flags.configPath == nil:
            return (none, [])
        case .missing:
            found = "no such file"
        case .unreadable(let why):
            found = why
        }
        let problem = SettingsProblem(
            place: .wholeFile(path), expected: "a YAML file of settings", found: found,
            advice: "Mend that, or name another file with --config.")
        return (none, [problem])
    }

    /// What one setting alone does not tell. A value that was refused stands at its default here.
    private func check(_ reading: inout SettingsReading) {
        if authMode != .none {
            reading.add(
                SettingsTable.authMode.key, expected: "none", found: "`\(authMode.rawValue)`",
                advice: "This version asks callers for nothing yet. Leave auth.mode out, listen "
                    + "on loopback, and let a proxy in front ask.")
        } else if command.serves, !http.listen.isLoopback {
            reading.add(
                SettingsTable.httpListen.key,
                expected: "a loopback address such as 127.0.0.1:3000 while auth.mode is none",
                found: "`\(http.listen)`",
                advice: "Anyone who reaches it could act as an operator. Listen on loopback and "
                    + "put a proxy that asks who calls in front.")
        }
        checkTLS(&reading)
        if coordinator.resend > coordinator.resendMax {
            reading.add(
                SettingsTable.coordinatorResendMax.key,
                expected: "at least coordinator.resend "
                    + "(\(DurationMeasure.write(coordinator.resend)))",
                found: "`\(DurationMeasure.write(coordinator.resendMax))`",
                advice: "Raise it, or lower coordinator.resend.")
        }
    }

    /// Certificate and key belong together; without them only this machine may connect.
    private func checkTLS(_ reading: inout SettingsReading) {
        let tls = grpc.tls
        switch (tls.certificate, tls.key) {
        case (nil, _?):
            reading.add(
                SettingsTable.grpcTLSCertificate.key, expected: "the certificate of grpc.tls_key",
                found: "no value", advice: "Give both, or neither for a server without TLS.")
        case (_?, nil):
            reading.add(
                SettingsTable.grpcTLSKey.key, expected: "the key of grpc.tls_certificate",
                found: "no value", advice: "Give both, or neither for a server without TLS.")
        case (nil, nil) where tls.clients != nil:
            reading.add(
                SettingsTable.grpcTLSClients.key,
                expected: "grpc.tls_certificate and grpc.tls_key beside it",
                found: "neither of them",
                advice: "Clients can show a certificate only by TLS: give the server's own, too.")
        case (nil, nil) where command != .migrate && !grpc.listen.isLoopback:
            reading.add(
                SettingsTable.grpcListen.key,
                expected: "a loopback address such as 127.0.0.1:50051 while no "
                    + "grpc.tls_certificate is given",
                found: "`\(grpc.listen)`",
                advice: "Anyone on the way could read and append events. Listen on loopback, or "
                    + "give grpc.tls_certificate and grpc.tls_key.")
        case (nil, nil), (_?, _?): break
        }
    }

    /// A door that is open wider than its owner may think.
    private var reachWarnings: [String] {
        guard command != .migrate, !grpc.listen.isLoopback, grpc.tls.clients == nil else {
            return []
        }
        return [
            "grpc.listen \(grpc.listen): whoever reaches it can append events; set "
                + "grpc.tls_clients to let in only clients with a certificate"
        ]
    }
}

extension SettingsFlags {
    /// The flags as a layer.
    var layer: SettingsLayer {
        var layer = SettingsLayer(name: "flags")
        for row in SettingsTable.rows {
            guard let texts = values[row.key] else { continue }
            layer.entries[row.key] = SettingsLayer.Entry(texts: texts, place: .argument(row.flag))
        }
        return layer
    }
}
