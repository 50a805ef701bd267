// The JSON reader on any bytes, and the writer behind it.
//
// What must hold: no input traps or reads outside its bytes, walking over a value and building it
// agree on whether it is JSON, and what was built is written as a text with the same value.
import Bytes
import JSON

/// One run of libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Safe: libFuzzer owns `count` bytes at `start` for this call.
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
    let walked = unsafe walk(bytes)
    do throws(JSONError) {
        let value = try unsafe JSONValue(parsing: bytes)
        precondition(walked == nil, "only one of two roads takes it")
        check(value)
    } catch {
        precondition(0...count ~= error.offset, "the error lies outside the text")
        // Walking does not mind a key that stands twice.
        if error.reason != .duplicateKey {
            precondition(walked != nil, "only one of two roads takes it")
        }
    }
    return 0
}

/// Passes over the value; returns what is wrong with it.
@unsafe
private func walk(_ bytes: UnsafeRawBufferPointer) -> JSONError? {
    do throws(JSONError) {
        var reader = unsafe JSONReader(bytes)
        let raw = try unsafe reader.readRawValue()
        precondition(raw.count <= bytes.count, "a value longer than its text")
        try reader.finish()
        return nil
    } catch {
        return error
    }
}

private func check(_ value: JSONValue) {
    let text = value.description
    guard let again = try? JSONValue(parsing: text) else {
        fatalError("the written value is not JSON:\n\(text)")
    }
    precondition(again == value, "the written value is another")
    precondition(again.description == text, "writing twice gives two texts")
    precondition(value.isEquivalent(to: again), "a value is not equivalent to itself")
    _ = value.int64
    _ = value.double
}
