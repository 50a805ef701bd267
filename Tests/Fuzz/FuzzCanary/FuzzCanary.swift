// A planted fault that must be found: it shows that the rooms are instrumented, that libFuzzer is
// guided by what they do, and that a read outside the bytes ends the run.
//
// The fault lies behind a document that parses and defines an enum with values. The only seed is
// `{ a }`; the way from there leads over a keyword, a name and braces, and the parser's coverage is
// what shows it.
import GraphQLLanguage

/// One run of libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Safe: libFuzzer owns `count` bytes at `start` for this call.
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let start = unsafe start, let document = try? parse(Source(bytes: bytes)),
        document.definitions.contains(where: isFilledEnum)
    else { return 0 }
    // The byte behind the last one is nobody's.
    return unsafe start[count] == 0 ? 0 : -1
}

private func isFilledEnum(_ definition: Definition) -> Bool {
    if case .type(let type) = definition { !type.enumValues.isEmpty } else { false }
}
