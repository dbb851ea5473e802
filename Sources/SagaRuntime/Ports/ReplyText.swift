package import SagaCore

/// How replies read on the wire: the subject `saga.reply.<saga>.<command>.<attempt>`, and a JSON
/// body with an `outcome` or an `error`.
package enum ReplyText {
    /// The subject on which that attempt of that command is answered.
    package static func subject(sagaID: SagaID, commandID: CommandID, attempt: Int) -> String {
        "saga.reply.\(sagaID).\(commandID).\(attempt)"
    }

    /// What a reply says.
    package static func read(
        subject: String, body: [UInt8]
    ) -> Result<AddressedReply, UnreadableReply> {
        guard let (sagaID, commandID, attempt) = address(Array(subject.utf8)) else {
            return .failure(
                UnreadableReply(
                    "expected the subject saga.reply.<saga id>.<command id>.<attempt>, found "
                        + "'\(subject)': reply on the subject of Saga-Reply-To"))
        }
        return answer(body).map { answer in
            let reply = Reply(commandID: commandID, attempt: attempt, answer: answer)
            return AddressedReply(sagaID: sagaID, reply: reply)
        }
    }

    /// The saga, the command and the attempt that a subject names.
    private static func address(_ subject: [UInt8]) -> (SagaID, CommandID, Int)? {
        let prefix = Array("saga.reply.".utf8)
        let saga = prefix.count..<prefix.count + SagaID.textLength
        let command = saga.upperBound + 1..<saga.upperBound + 1 + CommandID.textLength
        let attempt = command.upperBound + 1
        let dot = UInt8(ascii: ".")
        guard subject.count > attempt, subject.starts(with: prefix),
            subject[saga.upperBound] == dot, subject[command.upperBound] == dot,
            let sagaID = SagaID(utf8: subject[saga]),
            let commandID = CommandID(utf8: subject[command]),
            let number = Int(String(decoding: subject[attempt...], as: UTF8.self)), number > 0
        else { return nil }
        return (sagaID, commandID, number)
    }

    /// What a reply's body says.
    package static func answer(_ body: [UInt8]) -> Result<Reply.Answer, UnreadableReply> {
        let value: Value
        do throws(JSONError) {
            value = try Value(json: body)
        } catch {
            return .failure(UnreadableReply("expected a JSON object: \(error.message)"))
        }
        guard case .map(let members) = value else {
            return .failure(UnreadableReply("expected a JSON object, found other JSON"))
        }
        switch (members["outcome"], members["error"]) {
        case (.string(let outcome)?, nil): return self.outcome(outcome, members["data"])
        case (nil, .map(let error)?): return self.error(error)
        case (_?, _?):
            return .failure(UnreadableReply("expected 'outcome' or 'error', found both"))
        case (_?, nil): return .failure(UnreadableReply("'outcome' must be text"))
        case (nil, _?): return .failure(UnreadableReply("'error' must be an object"))
        case (nil, nil):
            return .failure(UnreadableReply("expected 'outcome' or 'error', found neither"))
        }
    }

    private static func outcome(
        _ outcome: String, _ data: Value?
    ) -> Result<Reply.Answer, UnreadableReply> {
        switch data {
        case .map?: .success(.outcome(outcome, data ?? .map(Members())))
        case nil, .null?: .success(.outcome(outcome, .map(Members())))
        case .bool?, .int?, .double?, .string?, .list?, .timestamp?, .duration?:
            .failure(UnreadableReply("'data' must be an object"))
        }
    }

    private static func error(_ error: Members) -> Result<Reply.Answer, UnreadableReply> {
        guard let isRetriable = error["retriable"]?.truth else {
            return .failure(UnreadableReply("'error.retriable' must be true or false"))
        }
        guard let code = error["code"]?.text, !code.isEmpty else {
            return .failure(UnreadableReply("'error.code' must be text"))
        }
        let message = error["message"]?.text ?? ""
        return .success(.error(code: code, message: message, isRetriable: isRetriable))
    }
}
