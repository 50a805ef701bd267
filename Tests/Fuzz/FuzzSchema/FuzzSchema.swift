// The schema builder on any document, and introspection's neighbour, the printer of schemas.
//
// What must hold: no document traps, errors lie inside the text, and a schema that was built is
// printed as a text that builds a schema with the same text.
import GraphQL
import GraphQLLanguage

/// One run of libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Safe: libFuzzer owns `count` bytes at `start` for this call.
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let document = try? parse(Source(bytes: bytes)) else { return 0 }
    do throws(SchemaErrors) {
        check(try buildSchema([document]))
    } catch {
        precondition(!error.errors.isEmpty, "refused without a reason")
        for error in error.errors {
            precondition(!error.message.isEmpty && !error.rule.isEmpty, "an error without words")
            for offset in error.offsets {
                precondition(0..<bytes.count ~= offset, "an error lies outside the text")
            }
        }
    }
    return 0
}

private func check(_ schema: Schema) {
    for includesDirectives in [false, true] {
        let text = printSchema(schema, includingAppliedDirectives: includesDirectives)
        do {
            let again = try buildSchema([try parse(Source(text), limits: .file)])
            precondition(
                printSchema(again, includingAppliedDirectives: includesDirectives) == text,
                "printing twice gives two texts")
        } catch {
            fatalError("the printed schema is refused: \(error)\n\(text)")
        }
    }
}
