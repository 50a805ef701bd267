/// The fields of a query string, decoded as `application/x-www-form-urlencoded`: `+` is a space.
///
/// Source: WHATWG URL, §5.1.
struct FormFields {
    struct Field {
        let name: String
        /// Any bytes.
        let value: [UInt8]
    }

    /// In the order of the query string; fields without a value are left out.
    let fields: [Field]

    /// - Parameter text: the query string without its question mark.
    init(_ text: UnsafeRawBufferPointer) {
        var fields: [Field] = []
        for part in unsafe [UInt8](text).split(separator: UInt8(ascii: "&")) {
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let value = equals < part.endIndex ? Self.decoded(part[(equals + 1)...]) : []
            if value.isEmpty { continue }
            let name = String(decoding: Self.decoded(part[..<equals]), as: UTF8.self)
            fields.append(Field(name: name, value: value))
        }
        self.fields = fields
    }

    /// A percent sign without two digits behind it stands for itself.
    private static func decoded(_ part: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(part.count)
        var index = part.startIndex
        while index < part.endIndex {
            let byte = part[index]
            if byte == UInt8(ascii: "%"), index + 2 < part.endIndex,
                let high = hexDigit(part[index + 1]), let low = hexDigit(part[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
                continue
            }
            bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            index += 1
        }
        return bytes
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
