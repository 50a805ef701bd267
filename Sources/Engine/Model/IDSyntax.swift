/// What the id of a row may be, without the prefix of its table.
enum IDSyntax {
    /// Bytes of an id. Reason: ids are compared and copied as a whole.
    static let byteCountMax = 64

    /// Whether this is letters, digits, `-` and `_`, some but not too many.
    static func accepts(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count > 0, text.count <= byteCountMax else { return false }
        for index in 0..<text.count {
            let byte = unsafe text[index]
            let isLetter = byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A
            guard isLetter || byte &- 0x30 <= 9 || byte == 0x2D || byte == 0x5F else {
                return false
            }
        }
        return true
    }
}
