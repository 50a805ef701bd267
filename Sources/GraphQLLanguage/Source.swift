/// A GraphQL text with the name that error messages give it.
///
/// Positions inside a source are byte offsets; lines and columns are computed only when an error is
/// shown. A line ends with LF, CR or CRLF; a column counts Unicode scalars, from 1.
public final class Source: Sendable {
    /// A file path for a file, `GraphQL request` for a document that came over the wire.
    public let name: String
    /// The text as UTF-8.
    public let bytes: [UInt8]

    public init(name: String = "GraphQL request", bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    public convenience init(name: String = "GraphQL request", _ text: String) {
        self.init(name: name, bytes: Array(text.utf8))
    }

    /// The line and column of a byte offset. O(bytes before it): for error messages only.
    public func location(at offset: Int) -> SourceLocation {
        var walk = SourceWalk(bytes: bytes)
        return walk.location(at: offset)
    }

    /// The lines and columns of many byte offsets, in their order. One pass over the bytes before
    /// the last of them, where `location(at:)` would be one pass for each.
    public func locations(at offsets: [Int]) -> [SourceLocation] {
        if offsets.count < 2 { return offsets.map { location(at: $0) } }
        var locations = [SourceLocation](
            repeating: SourceLocation(line: 1, column: 1), count: offsets.count)
        var walk = SourceWalk(bytes: bytes)
        for place in offsets.indices.sorted(by: { offsets[$0] < offsets[$1] }) {
            locations[place] = walk.location(at: offsets[place])
        }
        return locations
    }
}

/// A place in a source as people name it: both numbers count from 1.
public struct SourceLocation: Hashable, Sendable {
    public let line: Int
    public let column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// Goes through a text once, forward, and counts lines and columns.
private struct SourceWalk {
    let bytes: [UInt8]
    private var line = 1
    private var column = 1
    private var index = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// - Parameter offset: not before the one that was asked for last.
    mutating func location(at offset: Int) -> SourceLocation {
        let end = min(offset, bytes.count)
        while index < end {
            let byte = bytes[index]
            if byte == 0x0A
                || (byte == 0x0D && (index + 1 >= bytes.count || bytes[index + 1] != 0x0A))
            {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
            index += 1
        }
        return SourceLocation(line: line, column: column)
    }
}
