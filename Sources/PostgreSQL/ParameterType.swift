/// The SQL type of a bound parameter; the raw value is the type's OID, the same in both databases.
package enum ParameterType: UInt32, Sendable, Hashable {
    /// `BOOL`.
    case bool = 16
    /// `BYTEA`.
    case bytea = 17
    /// `INT8`.
    case int8 = 20
    /// `INT2`.
    case int2 = 21
    /// `INT4`.
    case int4 = 23
    /// `TEXT`.
    case text = 25
    /// `TIMESTAMPTZ`.
    case timestamptz = 1184
    /// `UUID`.
    case uuid = 2950
    /// `BOOL[]`.
    case boolArray = 1000
    /// `BYTEA[]`.
    case byteaArray = 1001
    /// `INT2[]`.
    case int2Array = 1005
    /// `INT4[]`.
    case int4Array = 1007
    /// `TEXT[]`.
    case textArray = 1009
    /// `INT8[]`.
    case int8Array = 1016
    /// `TIMESTAMPTZ[]`.
    case timestamptzArray = 1185
    /// `UUID[]`.
    case uuidArray = 2951

    /// The type's name in SQL, as error messages show it.
    package var sqlName: String {
        switch self {
        case .bool: "BOOL"
        case .bytea: "BYTEA"
        case .int8: "INT8"
        case .int2: "INT2"
        case .int4: "INT4"
        case .text: "TEXT"
        case .timestamptz: "TIMESTAMPTZ"
        case .uuid: "UUID"
        case .boolArray: "BOOL[]"
        case .byteaArray: "BYTEA[]"
        case .int2Array: "INT2[]"
        case .int4Array: "INT4[]"
        case .textArray: "TEXT[]"
        case .int8Array: "INT8[]"
        case .timestamptzArray: "TIMESTAMPTZ[]"
        case .uuidArray: "UUID[]"
        }
    }
}
