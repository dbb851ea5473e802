import Testing

@testable import SagaLanguage

@Suite struct `A name` {
    @Test(arguments: [
        (NameRule.saga, "order-2"), (.step, "a_b-c1"), (.outcome, "done"), (.event, "Created_1"),
        (.aggregateType, "order"), (.stream, "ORDERS-eu"), (.subject, "payments.debit"),
        (.subject, "a"), (.member, "any thing"),
        (.step, "a" + String(repeating: "b", count: 63)),
    ])
    func `that keeps its rule is taken`(rule: NameRule, name: String) throws {
        #expect(rule.accepts(name))
        #expect(try Regex(rule.pattern).wholeMatch(in: name) != nil)
    }

    @Test(arguments: [
        (NameRule.saga, "Order"), (.saga, "1order"), (.saga, "a_b"), (.saga, ""), (.step, "a b"),
        (.step, "ä"), (.step, "_a"), (.event, "a.b"), (.event, "a*"), (.stream, "A>"),
        (.stream, "1A"), (.subject, "a..b"), (.subject, ".a"), (.subject, "a."), (.subject, "a.*"),
        (.subject, "a b"), (.member, ""), (.step, "a" + String(repeating: "b", count: 64)),
    ])
    func `that breaks its rule is not`(rule: NameRule, name: String) throws {
        #expect(!rule.accepts(name))
        #expect(try Regex(rule.pattern).wholeMatch(in: name) == nil)
    }

    @Test func `of a command does not repeat what the daemon puts before it`() {
        #expect(!NameRule.subject.accepts("saga.command.payments.debit"))
        #expect(
            NameRule.subject.suggestion(for: "saga.command.payments.debit") == "payments.debit")
    }

    @Test func `that is nearly right is mended`() {
        #expect(NameRule.saga.suggestion(for: "Order_1") == "order-1")
        #expect(NameRule.step.suggestion(for: "Pay now") == "pay_now")
        #expect(NameRule.event.suggestion(for: "order.created") == "order_created")
        #expect(NameRule.step.suggestion(for: "1") == nil)
    }
}

@Suite struct `The key tables` {
    @Test(arguments: KeyTable.Name.allCases)
    func `have every key once, with a sentence`(name: KeyTable.Name) {
        let table = KeyTable.named(name)
        let names = table.keys.map(\.name)
        #expect(Set(names).count == names.count)
        for key in table.keys {
            #expect(key.documentation.hasSuffix("."), "\(key.name)")
            #expect(key.documentation.count <= 100, "\(key.name)")
        }
    }
}
