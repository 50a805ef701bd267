// A planted fault that must be found: it shows that the rooms are instrumented, that libFuzzer is
// guided by what they do, and that a read outside the bytes ends the run.
//
// The fault lies behind a document that parses and extends something. The only seed is `{ a }`; the
// way from there leads over several keywords, and the parser's coverage is what shows it.
import GraphQLLanguage

/// One run of libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Safe: libFuzzer owns `count` bytes at `start` for this call.
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let start = unsafe start, let document = try? parse(Source(bytes: bytes)),
        document.definitions.contains(where: isExtension)
    else { return 0 }
    // The byte behind the last one is nobody's.
    return unsafe start[count] == 0 ? 0 : -1
}

private func isExtension(_ definition: Definition) -> Bool {
    switch definition {
    case .schema(let schema): schema.isExtension
    case .type(let type): type.isExtension
    case .operation, .fragment, .directive: false
    }
}
