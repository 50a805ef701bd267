import Bytes
import Testing

@testable import JSON

/// Runs `body` over a block of memory that ends where the text ends, so that a sanitiser sees any
/// read beyond.
func withReader<Result>(
    _ text: [UInt8], depthMax: Int = JSONReader.depthMaxDefault,
    _ body: (inout JSONReader) throws(JSONError) -> Result
) throws(JSONError) -> Result {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count, alignment: 1)
    defer { unsafe memory.deallocate() }
    unsafe memory.copyBytes(from: text)
    var reader = unsafe JSONReader(UnsafeRawBufferPointer(memory), depthMax: depthMax)
    return try body(&reader)
}

func withReader<Result>(
    _ text: String, depthMax: Int = JSONReader.depthMaxDefault,
    _ body: (inout JSONReader) throws(JSONError) -> Result
) throws(JSONError) -> Result {
    try withReader(Array(text.utf8), depthMax: depthMax, body)
}

/// Why the text is refused, or `nil` if it is JSON.
func refusal(_ text: [UInt8], depthMax: Int = JSONReader.depthMaxDefault) -> JSONError? {
    do {
        try withReader(text, depthMax: depthMax) { reader throws(JSONError) in
            try reader.skipValue()
            try reader.finish()
        }
        return nil
    } catch {
        return error
    }
}

func refusal(_ text: String, depthMax: Int = JSONReader.depthMaxDefault) -> JSONError? {
    refusal(Array(text.utf8), depthMax: depthMax)
}

func check(
    _ text: String, is expected: JSONValue, sourceLocation: SourceLocation = #_sourceLocation
) {
    do {
        let value = try JSONValue(parsing: text)
        #expect(value == expected, sourceLocation: sourceLocation)
    } catch {
        Issue.record("\(text): \(error)", sourceLocation: sourceLocation)
    }
}

func check(
    _ text: [UInt8], failsWith reason: JSONError.Reason, at offset: Int,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let expected = JSONError(offset: offset, reason: reason)
    #expect(refusal(text) == expected, sourceLocation: sourceLocation)
    #expect(throws: expected, sourceLocation: sourceLocation) { try JSONValue(parsing: text) }
}

func check(
    _ text: String, failsWith reason: JSONError.Reason, at offset: Int,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    check(Array(text.utf8), failsWith: reason, at: offset, sourceLocation: sourceLocation)
}

/// RFC 8259's grammar, written down once more as plainly as possible: a recogniser over scalars.
struct NaiveJSON {
    private var rest: Substring.UnicodeScalarView

    static func accepts(_ bytes: [UInt8]) -> Bool {
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        var naive = NaiveJSON(rest: Substring(text).unicodeScalars)
        naive.space()
        guard naive.value(depth: 0) else { return false }
        naive.space()
        return naive.rest.isEmpty
    }

    private mutating func take(_ wanted: Unicode.Scalar) -> Bool {
        guard rest.first == wanted else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func take(_ word: String) -> Bool {
        word.unicodeScalars.allSatisfy { take($0) }
    }

    private mutating func space() {
        while let first = rest.first, "\u{20}\u{9}\u{A}\u{D}".unicodeScalars.contains(first) {
            rest.removeFirst()
        }
    }

    private mutating func value(depth: Int) -> Bool {
        switch rest.first {
        case "{"?: return depth < 64 && list("{", "}", depth) { $0.member(depth) }
        case "["?: return depth < 64 && list("[", "]", depth) { $0.value(depth: depth + 1) }
        case "\""?: return string()
        case "t"?: return take("true")
        case "f"?: return take("false")
        case "n"?: return take("null")
        default: return number()
        }
    }

    private mutating func list(
        _ opening: Unicode.Scalar, _ closing: Unicode.Scalar, _ depth: Int,
        _ item: (inout NaiveJSON) -> Bool
    ) -> Bool {
        guard take(opening) else { return false }
        space()
        if take(closing) { return true }
        while true {
            space()
            guard item(&self) else { return false }
            space()
            if take(closing) { return true }
            guard take("," as Unicode.Scalar) else { return false }
        }
    }

    private mutating func member(_ depth: Int) -> Bool {
        guard string() else { return false }
        space()
        guard take(":" as Unicode.Scalar) else { return false }
        space()
        return value(depth: depth + 1)
    }

    private mutating func string() -> Bool {
        guard take("\"" as Unicode.Scalar) else { return false }
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"": return true
            case "\\":
                guard let letter = rest.popFirst() else { return false }
                if letter == "u" {
                    guard let unit = hex() else { return false }
                    if 0xDC00...0xDFFF ~= unit { return false }
                    if 0xD800...0xDBFF ~= unit {
                        guard take("\\u"), let low = hex(), 0xDC00...0xDFFF ~= low else {
                            return false
                        }
                    }
                } else if !"\"\\/bfnrt".unicodeScalars.contains(letter) {
                    return false
                }
            case "\u{0}"..."\u{1F}": return false
            default: break
            }
        }
        return false
    }

    private mutating func hex() -> Int? {
        let digits = String(String.UnicodeScalarView(rest.prefix(4)))
        guard digits.utf8.count == 4, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            return nil
        }
        rest.removeFirst(4)
        return Int(digits, radix: 16)
    }

    private mutating func digits() -> String {
        var taken = ""
        while let first = rest.first, "0"..."9" ~= first {
            taken.unicodeScalars.append(first)
            rest.removeFirst()
        }
        return taken
    }

    private mutating func number() -> Bool {
        _ = take("-" as Unicode.Scalar)
        let whole = digits()
        guard !whole.isEmpty, whole == "0" || !whole.hasPrefix("0") else { return false }
        if take("." as Unicode.Scalar), digits().isEmpty { return false }
        if take("e" as Unicode.Scalar) || take("E" as Unicode.Scalar) {
            if !take("+" as Unicode.Scalar) { _ = take("-" as Unicode.Scalar) }
            if digits().isEmpty { return false }
        }
        return true
    }
}
