import EventStoreRPC

/// Reads the files that the settings of TLS name.
enum TLSFiles {
    /// How gRPC is protected.
    ///
    /// - Throws: where a file cannot be read.
    static func security(_ tls: Settings.TLS) throws(Exit) -> ServerSecurity {
        guard let certificate = tls.certificate, let key = tls.key else { return .plaintext }
        return .tls(
            certificate: try read(certificate, for: SettingsTable.grpcTLSCertificate.key),
            key: try read(key, for: SettingsTable.grpcTLSKey.key),
            clients: try tls.clients.map { (path) throws(Exit) in
                try read(path, for: SettingsTable.grpcTLSClients.key)
            })
    }

    private static func read(_ path: String, for setting: String) throws(Exit) -> [UInt8] {
        let found: String
        switch FileText.read(path) {
        case .bytes(let bytes): return bytes
        case .missing: found = "no such file"
        case .unreadable(let why): found = why
        }
        throw Exit(.usage, "\(setting): expected a PEM file at \(path), found \(found)")
    }
}
