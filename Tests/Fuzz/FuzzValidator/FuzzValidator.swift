// The validator on any document, against one schema that has every kind of type.
//
// What must hold: no document traps, errors lie inside the text and stay within their bound, and a
// document printed and parsed again has the same errors.
import GraphQL
import GraphQLLanguage

private let schema: Schema = {
    do {
        return try buildSchema([try parse(Source(schemaText), limits: .file)])
    } catch {
        fatalError("the schema of this target is broken: \(error)")
    }
}()

private let schemaText = """
    type Query implements N { a(x: Int, y: I!, z: [E!] = [A]): A b: [B!]! n: N u: U s: String id: ID! }
    type Mutation { m(i: I): Query }
    type Subscription { s: A t(x: O): B }
    interface N { id: ID! }
    type A implements N { id: ID! a: A b(x: Float, d: D): B s: String e: E n: N u: U }
    type B implements N { id: ID! a: [A] s(x: Boolean! = true): Int e: [E] }
    union U = A | B
    enum E { A B C }
    input I { r: Int! o: O l: [[Int!]] i: I e: E = A d: D }
    input O @oneOf { a: Int b: String c: I }
    scalar D
    directive @d(x: Int!, y: [E]) repeatable on FIELD | QUERY | FRAGMENT_SPREAD | VARIABLE_DEFINITION
    directive @f on FRAGMENT_DEFINITION | INLINE_FRAGMENT | FIELD
    """

private let options = ValidationOptions(errorsMax: 20)

/// One run of libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Safe: libFuzzer owns `count` bytes at `start` for this call.
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let document = try? parse(Source(bytes: bytes)) else { return 0 }
    let errors = validate(document, schema: schema, options: options)
    precondition(errors.count <= options.errorsMax + 1, "there are too many errors")
    for error in errors {
        precondition(!error.message.isEmpty && !error.rule.isEmpty, "an error without words")
        for offset in error.offsets {
            precondition(0..<bytes.count ~= offset, "an error lies outside the text")
        }
    }
    guard let again = try? parse(Source(print(document)), limits: .file) else {
        fatalError("the printed document does not parse")
    }
    let others = validate(again, schema: schema, options: options)
    precondition(
        others.map(\.message) == errors.map(\.message) && others.map(\.rule) == errors.map(\.rule),
        "the printed document has other errors")
    return 0
}
