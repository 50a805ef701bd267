// Lexer, parser and printer on any bytes.
//
// What must hold: no input traps or reads outside its bytes, an error's place lies inside the text,
// and what parses is printed as a text that parses to an equal tree.
import GraphQLLanguage

/// One run of libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Safe: libFuzzer owns `count` bytes at `start` for this call.
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let source = Source(bytes: bytes)
    checkDocument(source)
    checkValue(source)
    checkType(source)
    checkCoordinate(source)
    return 0
}

private func checkDocument(_ source: Source) {
    do throws(SyntaxError) {
        let document = try parse(source)
        let text = print(document)
        // What it printed may be longer than a client's document.
        guard let again = try? parse(Source(text), limits: .file) else {
            fatalError("the printed document does not parse:\n\(text)")
        }
        precondition(again == document, "the printed document says something else")
        precondition(print(again) == text, "printing twice gives two texts")
    } catch {
        check(error, source)
    }
}

private func checkValue(_ source: Source) {
    do throws(SyntaxError) {
        let value = try parseValue(source)
        let text = print(value)
        guard let again = try? parseValue(Source(text), limits: .file) else {
            fatalError("the printed value does not parse:\n\(text)")
        }
        precondition(again == value, "the printed value says something else")
    } catch {
        check(error, source)
    }
}

private func checkType(_ source: Source) {
    do throws(SyntaxError) {
        let type = try parseType(source)
        guard let again = try? parseType(Source(print(type)), limits: .file) else {
            fatalError("the printed type does not parse")
        }
        precondition(again == type, "the printed type says something else")
    } catch {
        check(error, source)
    }
}

private func checkCoordinate(_ source: Source) {
    do throws(SyntaxError) {
        _ = try parseSchemaCoordinate(source)
    } catch {
        check(error, source)
    }
}

private func check(_ error: SyntaxError, _ source: Source) {
    precondition(0...source.bytes.count ~= error.offset, "the error lies outside the text")
    precondition(error.message.hasPrefix("Syntax Error: "), "not worded as a syntax error")
    precondition(error.location == source.locations(at: [error.offset, 0])[0], "two places")
}
