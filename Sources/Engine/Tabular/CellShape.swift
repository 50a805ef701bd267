import Bytes
import JSON

/// What of an answer in JSON becomes cells. The executor writes the members of an object in the
/// order of the plan, so that answer and shape are walked side by side.
indirect enum CellShape {
    /// One cell. JSON, lists among it, stays as it is; of other values a text loses its quotation
    /// marks.
    case cell(isJSON: Bool)
    case object([Member])

    struct Member {
        let name: String
        let shape: CellShape

        /// `"name":`.
        var keyByteCount: Int { name.utf8.count + 3 }
    }

    /// The cells of a value.
    var width: Int {
        switch self {
        case .cell: 1
        case .object(let members): members.reduce(0) { $0 + $1.shape.width }
        }
    }
}

/// Takes an answer that the executor wrote apart into cells: JSON without white space, but for that
/// inside JSON values.
// Safe: lives no longer than the answer it walks; the executor wrote the answer, so that it is
// whole, and every step is held against its end.
@safe
struct AnswerWalk {
    private let text: UnsafeRawBufferPointer
    private(set) var place: Int

    /// - Parameter start: where the value begins.
    init(_ text: UnsafeRawBufferPointer, from start: Int = 0) {
        unsafe self.text = unsafe text
        place = start
    }

    var isAtEnd: Bool { unsafe place >= text.count }

    /// The byte at hand; zero behind the end.
    var byte: UInt8 { unsafe place < text.count ? text[place] : 0 }

    /// Whether the list at hand, without white space, has no items.
    var isEmptyList: Bool {
        unsafe place + 1 < text.count && text[place + 1] == UInt8(ascii: "]")
    }

    mutating func skip(_ byteCount: Int) { place += byteCount }

    /// Writes the cells of the value at hand and steps behind it.
    mutating func write(_ shape: CellShape, to cells: CellWriter) {
        switch shape {
        case .cell(let isJSON):
            let start = place
            skipValue()
            unsafe cells.rendered(
                UnsafeRawBufferPointer(rebasing: text[start..<min(place, text.count)]),
                isJSON: isJSON)
        case .object(let members):
            guard byte == UInt8(ascii: "{") else {
                cells.nulls(shape.width)
                return skipValue()
            }
            for member in members {
                // A brace or a comma before each key.
                skip(1 + member.keyByteCount)
                write(member.shape, to: cells)
            }
            if members.isEmpty { skip(1) }
            skip(1)
        }
    }

    /// Steps behind the value at hand.
    mutating func skipValue() {
        var depth = 0
        while !isAtEnd {
            switch byte {
            case UInt8(ascii: "\""):
                skipString()
                if depth == 0 { return }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                place += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return }
                depth -= 1
                place += 1
                if depth == 0 { return }
            case UInt8(ascii: ",") where depth == 0: return
            default: place += 1
            }
        }
    }

    private mutating func skipString() {
        place += 1
        while !isAtEnd, byte != UInt8(ascii: "\"") {
            place += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        place += 1
    }
}
