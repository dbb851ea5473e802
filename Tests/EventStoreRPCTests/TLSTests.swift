import GRPCCore
import NIOSSL
import SagaRuntime
import Testing

@testable import EventStoreRPC

/// The server under TLS.
@Suite(.timeLimit(.minutes(5))) struct `gRPC by TLS` {
    private static func rig(clients: [UInt8]? = nil) -> Rig {
        var rig = Rig()
        rig.security = .tls(certificate: Pair.certificate, key: Pair.key, clients: clients)
        return rig
    }

    private static func client(showsCertificate: Bool = false) throws -> NIOSSLContext {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.applicationProtocols = ["h2"]
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Pair.certificate))
        if showsCertificate {
            tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(Pair.certificate)
                .map { .certificate($0) }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Pair.key, format: .pem))
        }
        return try NIOSSLContext(configuration: tls)
    }

    /// Appends an event over a connection of its own; who is turned away need not wait for long.
    private static func append(
        _ event: Eventstore_Event, to rig: Rig, tls: NIOSSLContext?, within: Duration = .seconds(60)
    ) async -> RPCError? {
        await status {
            try await rig.connect(tls: tls) {
                try await Rig.Store(wrapping: $0).append(event, timeout: within)
            }
        }
    }

    @Test func `serves who speaks it, and nobody else`() async throws {
        try await Self.rig().serve { rig, _ in
            let first = try await Self.append(.order(1), to: rig, tls: Self.client())
            #expect(first == nil)
            let second = await Self.append(
                .order(2), to: rig, tls: nil, within: .seconds(2))
            #expect(second != nil)
            #expect(rig.door.stored.map(\.id) == ["e-1"])
        }
    }

    @Test func `lets in only clients with a certificate where it was told to`() async throws {
        try await Self.rig(clients: Pair.certificate).serve { rig, _ in
            let known = try Self.client(showsCertificate: true)
            let first = await Self.append(.order(1), to: rig, tls: known)
            #expect(first == nil)
            let second = try await Self.append(
                .order(2), to: rig, tls: Self.client(), within: .seconds(2))
            #expect(second != nil)
            #expect(rig.door.stored.map(\.id) == ["e-1"])
        }
    }

    @Test func `says which settings to look at where a file is no PEM`() async throws {
        var rig = Rig()
        rig.security = .tls(certificate: Pair.certificate, key: Array("x".utf8), clients: nil)
        let fault = await #expect(throws: RPCListenFault.self) {
            try await rig.serve { _, _ in }
        }
        let text = "\(fault.map(String.init(describing:)) ?? "")"
        #expect(text.hasPrefix("cannot serve gRPC by TLS: "))
        #expect(text.contains("check grpc.tls_certificate, grpc.tls_key and grpc.tls_clients"))
    }
}

/// A certificate of localhost that signs itself, and its key, which protect nothing.
private enum Pair {
    static let certificate = Array(
        """
        -----BEGIN CERTIFICATE-----
        MIIBlTCCATugAwIBAgIUTYZjdI8S6GjeJWy4kxbHhTu628swCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNjA4MDcwOFoYDzIxMjYxMTAy
        MDgwNzA4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAARK31ND3h3JxdlU5z/yC3t7jExrkvpwVaBkKsvzO+Ry1S3M47WVVCrN
        k/wrJe9fcMZ03xKDgElDk09sI53+mQ+zo2kwZzAdBgNVHQ4EFgQUgydN560TSJtu
        C89es/d5WOv6ztEwHwYDVR0jBBgwFoAUgydN560TSJtuC89es/d5WOv6ztEwDwYD
        VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
        SAAwRQIhAPjNXlW8gxzeE4rpWQ6oEiyJaGnBmD8xAFZv4DD6Eg9WAiBWEgvO3OaM
        A7Uie0A7ZLA9hkvQnIGytSckFGGbJJkasg==
        -----END CERTIFICATE-----
        """.utf8)
    static let key = Array(
        """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjTTnBax4oYFmrj4F
        oiVArDcnigKma5QV4Z2PNQn95FehRANCAARK31ND3h3JxdlU5z/yC3t7jExrkvpw
        VaBkKsvzO+Ry1S3M47WVVCrNk/wrJe9fcMZ03xKDgElDk09sI53+mQ+z
        -----END PRIVATE KEY-----
        """.utf8)
}
