import Bytes

extension JSONValue {
    /// Reads a whole text: one value, and white space around it. An object with the same key
    /// twice is refused.
    public init(
        parsing bytes: UnsafeRawBufferPointer, depthMax: Int = JSONReader.depthMaxDefault
    ) throws(JSONError) {
        var reader = unsafe JSONReader(bytes, depthMax: depthMax)
        try self.init(reading: &reader)
        try reader.finish()
    }

    /// Reads a whole text. O(byte count).
    public init(
        parsing bytes: [UInt8], depthMax: Int = JSONReader.depthMaxDefault
    ) throws(JSONError) {
        self = try unsafe bytes.span.withUnsafeBytes { bytes throws(JSONError) in
            try unsafe JSONValue(parsing: bytes, depthMax: depthMax)
        }
    }

    /// Reads a whole text. O(byte count).
    public init(
        parsing text: String, depthMax: Int = JSONReader.depthMaxDefault
    ) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), depthMax: depthMax)
    }

    /// Takes the next value out of `reader`.
    public init(reading reader: inout JSONReader) throws(JSONError) {
        switch try reader.peekKind() {
        case .null:
            try reader.readNull()
            self = .null
        case .boolean: self = .bool(try reader.readBool())
        case .string: self = .string(try reader.readString().makeString())
        case .number: self = JSONValue(try reader.readNumber())
        case .array:
            var elements: [JSONValue] = []
            try reader.beginArray()
            while try reader.nextElement() { elements.append(try JSONValue(reading: &reader)) }
            self = .array(elements)
        case .object:
            var members: [Member] = []
            var keys = JSONKeySet()
            try reader.beginObject()
            while let key = try reader.nextKey() {
                guard keys.insert(key) else { throw reader.duplicate(key) }
                members.append(Member(key.makeString(), try JSONValue(reading: &reader)))
            }
            self = .object(members)
        }
    }

    /// The number, exactly.
    public init(_ number: JSONNumber) {
        if let value = number.int64 {
            self = .integer(value)
            return
        }
        self = .number(number.text)
        guard let value = number.double else { return }
        let nearest = JSONValue.double(value)
        if nearest == self { self = nearest }
    }
}

extension JSONReader {
    /// The fault of an object that has `key`, one of this reader's texts, for the second time.
    public func duplicate(_ key: JSONText) -> JSONError {
        JSONError(offset: offset(of: key), reason: .duplicateKey)
    }

    /// Where the opening quote of one of this reader's texts stands.
    public func offset(of text: JSONText) -> Int {
        unsafe text.start - base - 1
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value as JSON on one line.
    public var description: String {
        let buffer = ByteBuffer(capacity: 256)
        buffer.appendJSON(self)
        return buffer.makeString()
    }

    /// The value as JSON for people: two blanks a level, one member a line.
    public var indentedText: String {
        let buffer = ByteBuffer()
        buffer.appendJSON(self, indentedAt: 0)
        return buffer.makeString()
    }
}

extension ByteBuffer {
    /// The value as JSON without white space.
    public func appendJSON(_ value: JSONValue) {
        appendJSON(value, indentedAt: nil)
    }

    func appendJSON(_ value: JSONValue, indentedAt level: Int?) {
        switch value {
        case .null: append("null")
        case .bool(let value): appendJSONBool(value)
        case .integer(let value): appendInteger(value)
        case .double(let value): appendDouble(value)
        case .number(let text): append(text)
        case .string(let text): appendJSONString(text)
        case .array(let elements):
            append(byte: 0x5B)
            for (index, element) in elements.enumerated() {
                appendSeparator(before: index, level: level)
                appendJSON(element, indentedAt: level.map { $0 &+ 1 })
            }
            appendClosing(0x5D, isEmpty: elements.isEmpty, level: level)
        case .object(let members):
            append(byte: 0x7B)
            for (index, member) in members.enumerated() {
                appendSeparator(before: index, level: level)
                appendJSONString(member.key)
                append(level == nil ? ":" : ": ")
                appendJSON(member.value, indentedAt: level.map { $0 &+ 1 })
            }
            appendClosing(0x7D, isEmpty: members.isEmpty, level: level)
        }
    }

    private func appendSeparator(before index: Int, level: Int?) {
        if index > 0 { append(byte: 0x2C) }
        if let level { appendLineBreak(level &+ 1) }
    }

    private func appendClosing(_ byte: UInt8, isEmpty: Bool, level: Int?) {
        if let level, !isEmpty { appendLineBreak(level) }
        append(byte: byte)
    }

    private func appendLineBreak(_ level: Int) {
        append(byte: 0x0A)
        append(repeating: 0x20, count: 2 &* level)
    }
}
