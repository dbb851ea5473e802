import Cnats
import Glibc

/// The C options of one connection; freed once the library has copied them.
final class OptionsHandle {
    private let pointer: OpaquePointer

    /// Sets every option, or says which one cannot be used.
    init(_ options: ConnectionOptions, signals: UInt) throws(NATSFailure) {
        var made: OpaquePointer?
        let status = natsOptions_Create(&made)
        guard status == NATS_OK, let made else {
            throw NATSFailure(status, doing: "making connection options")
        }
        pointer = made
        try setServers(options.servers)
        try setTimes(options)
        try setSecurity(options)
        try setCallbacks(CallbackTable.closure(for: signals))
    }

    deinit { natsOptions_Destroy(pointer) }

    /// Connects; blocks for up to the connect timeout for each server.
    func connect() throws(NATSFailure) -> OpaquePointer {
        var connection: OpaquePointer?
        let status = natsConnection_Connect(&connection, pointer)
        guard status == NATS_OK, let connection else {
            throw NATSFailure(status, doing: "connecting")
        }
        return connection
    }

    private func check(_ status: natsStatus, _ what: String) throws(NATSFailure) {
        guard status != NATS_OK else { return }
        let text = natsStatus_GetText(status).map { String(cString: $0) } ?? "\(status.rawValue)"
        throw .optionRefused("\(what): \(text)")
    }

    private func setServers(_ list: String) throws(NATSFailure) {
        let servers = list.split(separator: ",").map { $0.trimmingBlanks() }.filter { !$0.isEmpty }
        guard !servers.isEmpty else { throw .optionRefused("no server is named") }
        var strings = servers.map { UnsafePointer(strdup($0)) }
        defer { for string in strings { free(UnsafeMutablePointer(mutating: string)) } }
        let status = natsOptions_SetServers(pointer, &strings, Int32(servers.count))
        // The list may hold passwords: it is not repeated in the message.
        try check(status, "the list of servers")
    }

    private func setTimes(_ options: ConnectionOptions) throws(NATSFailure) {
        try check(natsOptions_SetName(pointer, options.name), "name")
        try check(
            natsOptions_SetTimeout(pointer, max(options.connectTimeout.wholeMilliseconds, 1)),
            "connect timeout")
        try check(natsOptions_SetMaxReconnect(pointer, -1), "unlimited reconnects")
        try check(
            natsOptions_SetPingInterval(pointer, max(options.pingInterval.wholeMilliseconds, 1)),
            "ping interval")
        try check(natsOptions_SetMaxPingsOut(pointer, 2), "pings out")
        try check(
            natsOptions_SetWriteDeadline(pointer, max(options.writeDeadline.wholeMilliseconds, 1)),
            "write deadline")
        if options.sendAsap { try check(natsOptions_SetSendAsap(pointer, true), "send at once") }
    }

    private func setSecurity(_ options: ConnectionOptions) throws(NATSFailure) {
        if let file = options.credentialsFile {
            try check(
                natsOptions_SetUserCredentialsFromFiles(pointer, file, nil),
                "credentials file \(file)")
        }
        if let file = options.trustedCertificates {
            try check(natsOptions_SetSecure(pointer, true), "TLS")
            try check(
                natsOptions_LoadCATrustedCertificates(pointer, file),
                "trusted certificates \(file)")
        }
        switch (options.certificate, options.privateKey) {
        case (let certificate?, let key?):
            try check(natsOptions_SetSecure(pointer, true), "TLS")
            try check(
                natsOptions_LoadCertificatesChain(pointer, certificate, key),
                "certificate \(certificate) with key \(key)")
        case (nil, nil): break
        case (_?, nil), (nil, _?):
            throw .optionRefused("a certificate and its private key go together")
        }
    }

    private func setCallbacks(_ closure: UnsafeMutableRawPointer?) throws(NATSFailure) {
        try check(
            natsOptions_SetDisconnectedCB(pointer, natsDisconnected, closure), "a callback")
        try check(natsOptions_SetReconnectedCB(pointer, natsReconnected, closure), "a callback")
        try check(natsOptions_SetClosedCB(pointer, natsClosed, closure), "a callback")
        try check(natsOptions_SetErrorHandler(pointer, natsTroubled, closure), "a callback")
        try check(
            natsOptions_SetCustomReconnectDelay(pointer, natsReconnectDelay, closure),
            "the reconnect delay")
    }
}

extension Substring {
    func trimmingBlanks() -> String {
        var rest = self
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
