/// A compiled JSON Schema: the subset of draft 2020-12 that the saga language has.
///
/// Made by `SagaLanguage`, which refuses what is outside the subset and resolves every reference;
/// so a schema is a finite tree, at most ``depthLimit`` deep, and its evaluation ends.
package struct Schema: Hashable, Sendable {
    /// What a value must satisfy, every one of them; none accepts everything.
    package var assertions: [Assertion]

    /// How deep schemas may stand inside one another, references resolved.
    package static let depthLimit = 64

    /// A schema with these assertions.
    package init(_ assertions: [Assertion] = []) { self.assertions = assertions }

    /// Accepts everything, as the schema `true` does.
    package static let anything = Schema()
    /// Accepts nothing, as the schema `false` does.
    package static let nothing = Schema([.never])

    /// One thing that a value must satisfy; those about another kind of value hold for it.
    package indirect enum Assertion: Hashable, Sendable {
        /// Nothing satisfies it.
        case never
        /// `type`: any of these; a whole number is also an `integer`.
        case type([InstanceType])
        /// `properties` and `additionalProperties`.
        case members(MemberRules)
        /// `required`: the names an object must have.
        case required([String])
        /// `items`: what each element of an array must be.
        case items(Schema)
        /// `minItems`: the fewest elements.
        case minItems(Int)
        /// `maxItems`: the most elements.
        case maxItems(Int)
        /// `uniqueItems`: no two elements are equal.
        case uniqueItems
        /// `minimum`: at least that number.
        case minimum(Double)
        /// `maximum`: at most that number.
        case maximum(Double)
        /// `exclusiveMinimum`: above that number.
        case exclusiveMinimum(Double)
        /// `exclusiveMaximum`: below that number.
        case exclusiveMaximum(Double)
        /// `multipleOf`: a whole multiple, in decimal digits, of that number, which is above 0.
        case multipleOf(Double)
        /// `minLength`: the fewest code points.
        case minLength(Int)
        /// `maxLength`: the most code points.
        case maxLength(Int)
        /// `enum` and `const`: equal to one of these.
        case oneOfValues([Value])
        /// `format`: text of that form.
        case format(Format)
        /// `allOf`: each of these accepts it.
        case allOf([Schema])
        /// `anyOf`: at least one of these accepts it.
        case anyOf([Schema])
        /// `oneOf`: exactly one of these accepts it.
        case oneOf([Schema])
        /// `not`: this does not accept it.
        case not(Schema)
    }

    /// A kind of JSON value, as `type` names it.
    package enum InstanceType: String, CaseIterable, Hashable, Sendable {
        /// `null`.
        case null
        /// `true` or `false`.
        case boolean
        /// A number without a fraction.
        case integer
        /// Any number.
        case number
        /// Text.
        case string
        /// Values in order.
        case array
        /// Named values.
        case object
    }

    /// A form of text that `format` asserts.
    package enum Format: String, CaseIterable, Hashable, Sendable {
        /// An RFC 3339 date and time, such as `2026-03-01T12:00:00Z`.
        case dateTime = "date-time"
        /// An RFC 3339 date, such as `2026-03-01`.
        case date
        /// A UUID in its 36 characters, in either case.
        case uuid
    }

    /// What the members of an object must be.
    package struct MemberRules: Hashable, Sendable {
        /// The members with a schema of their own, in file order.
        package var known: [Member]
        /// What every other member must be; nil where there may be none.
        package var others: Schema?

        /// The rules for these members and for all others.
        package init(known: [Member], others: Schema? = .anything) {
            self.known = known
            self.others = others
        }

        /// The schema of the member of that name, where it has one of its own.
        package subscript(name: String) -> Schema? { known.first { $0.name == name }?.schema }
    }

    /// A named member and its schema.
    package struct Member: Hashable, Sendable {
        /// The member's name.
        package var name: String
        /// What its value must be.
        package var schema: Schema

        /// The member of that name and schema.
        package init(name: String, schema: Schema) {
            self.name = name
            self.schema = schema
        }
    }
}

extension Schema.InstanceType {
    /// The type with its article, for messages: `an array`.
    package var phrase: String {
        switch self {
        case .null: "null"
        case .boolean: "a boolean"
        case .integer: "an integer"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
