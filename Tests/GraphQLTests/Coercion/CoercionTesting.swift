import GraphQLLanguage
import JSON
import Testing

@testable import GraphQL

/// A schema with an argument of each kind of input type.
let coercionSchema = makeSchema(
    """
    scalar Any
    scalar Even
    enum Color { RED GREEN BLUE }
    input Line { product: ID!, count: Int! = 1, color: Color = GREEN, note: String }
    input Order { lines: [Line!]!, first: Line = {product: "p"}, tags: [String] }
    input Choice @oneOf { text: String, number: Int, line: Line }
    type Query {
      f(
        int: Int, float: Float, string: String, boolean: Boolean, id: ID, color: Color, any: Any
        even: Even, ints: [Int], matrix: [[Int]], strict: [Int!]!, line: Line, order: Order
        choice: Choice, withDefault: Int! = 7, required: Int!
      ): Int
    }
    """, codecs: ["Even": even])

/// Takes even integers.
let even = ScalarCodec { input throws(ScalarCodec.Refusal) in
    guard case .int(let text) = input, let number = Int64(text), number % 2 == 0 else {
        throw ScalarCodec.Refusal("Not even.")
    }
    return .int(number)
}

/// A type reference written as in a document.
func type(_ text: String) throws -> TypeReference {
    let node = try parseType(Source(text), limits: .file)
    return try #require(coercionSchema.typeReference(from: node))
}

/// The coerced literal; or its errors, each as `path: message`.
func literal(_ text: String, _ typeText: String) throws -> Coerced {
    let value = try parseValue(Source(text), limits: .file)
    let type = try type(typeText)
    do throws(CoercionErrors) {
        return .value(
            try coerceLiteral(value, to: type, schema: coercionSchema, codecs: ["Even": even]))
    } catch {
        return .errors(error.errors.map { "\($0.pathText): \($0.message)" })
    }
}

/// The same for the JSON of a variable.
func variable(_ text: String, _ typeText: String) throws -> Coerced {
    let value = try JSONValue(parsing: text)
    let type = try type(typeText)
    do throws(CoercionErrors) {
        return .value(
            try coerceVariable(value, to: type, schema: coercionSchema, codecs: ["Even": even]))
    } catch {
        return .errors(error.errors.map { "\($0.pathText): \($0.message)" })
    }
}

enum Coerced: Equatable {
    case value(CoercedValue)
    case errors([String])
}

/// An input object of the schema, fields by place.
func object(_ fields: (Int, CoercedValue)...) -> CoercedValue {
    .object(fields.map { CoercedField(index: $0.0, value: $0.1) })
}
