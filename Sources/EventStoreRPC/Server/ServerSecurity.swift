import NIOSSL

/// How connections are protected.
package enum ServerSecurity: Sendable {
    /// Not at all.
    case plaintext
    /// By TLS; PEM texts. Where `clients` is given, a client must show a certificate that one of
    /// these authorities signed.
    case tls(certificate: [UInt8], key: [UInt8], clients: [UInt8]?)

    /// What TLS goes by; nil for none.
    ///
    /// - Throws: ``RPCListenFault`` where a text is not what it should be.
    var context: NIOSSLContext? {
        get throws {
            switch self {
            case .plaintext: return nil
            case .tls(let certificate, let key, let clients):
                do {
                    return try NIOSSLContext(
                        configuration: Self.configuration(certificate, key, clients))
                } catch {
                    throw RPCListenFault(
                        description: "cannot serve gRPC by TLS: \(error): check "
                            + "grpc.tls_certificate, grpc.tls_key and grpc.tls_clients, each a PEM "
                            + "file, and that the key is the certificate's")
                }
            }
        }
    }

    private static func configuration(
        _ certificate: [UInt8], _ key: [UInt8], _ clients: [UInt8]?
    ) throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMBytes(certificate)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["h2"]
        if let clients {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(clients))
        }
        return configuration
    }
}
