import Foundation

/// The members of a JSON object, their values kept as they were written.
///
/// Reads only documents that are known to be valid, as those of inputs and columns are.
struct JSONMembers: Equatable, Sendable {
    struct Member: Equatable, Sendable {
        var key: String
        /// With its quotes.
        var writtenKey: String
        var value: String
    }

    private(set) var members: [Member] = []

    init() {}

    /// `nil` for a document that is no object.
    init?(_ document: String) {
        let bytes = Array(document.utf8)
        var place = 0
        func skipBlanks() {
            while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) {
                place += 1
            }
        }
        /// Moves behind the value that begins here.
        func skipValue() {
            var depth = 0
            while place < bytes.count {
                switch bytes[place] {
                case UInt8(ascii: "\""):
                    place += 1
                    while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
                        place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
                    }
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    if depth == 0 { return }
                    depth -= 1
                case UInt8(ascii: ","), UInt8(ascii: ":"):
                    if depth == 0 { return }
                default: break
                }
                place += 1
            }
        }
        func text(from start: Int) -> String {
            String(decoding: bytes[start..<min(place, bytes.count)], as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        skipBlanks()
        guard place < bytes.count, bytes[place] == UInt8(ascii: "{") else { return nil }
        place += 1
        while true {
            skipBlanks()
            guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { return }
            let keyStart = place
            skipValue()
            let writtenKey = text(from: keyStart)
            place += 1
            skipBlanks()
            let valueStart = place
            skipValue()
            set(
                Member(
                    key: JSONMembers.decoded(writtenKey), writtenKey: writtenKey,
                    value: text(from: valueStart)))
            place += 1
        }
    }

    subscript(key: String) -> String? { members.first { $0.key == key }?.value }

    private mutating func set(_ member: Member) {
        if let place = members.firstIndex(where: { $0.key == member.key }) {
            members[place] = member
        } else {
            members.append(member)
        }
    }

    /// With the members of `patch` in place of its own; null takes a member away.
    ///
    /// - Parameter fillsOnly: whether own members stay as they are.
    func patched(with patch: JSONMembers, fillsOnly: Bool = false) -> JSONMembers {
        var result = self
        for member in patch.members {
            if fillsOnly && result[member.key] != nil { continue }
            if member.value == "null" {
                result.members.removeAll { $0.key == member.key }
            } else {
                result.set(member)
            }
        }
        return result
    }

    /// As a document; the shortest there is but for what stands inside the values.
    var text: String {
        "{" + members.map { "\($0.writtenKey):\($0.value)" }.joined(separator: ",") + "}"
    }

    /// A JSON string's text.
    static func decoded(_ string: String) -> String {
        if !string.utf8.contains(UInt8(ascii: "\\")) {
            return String(string.dropFirst().dropLast())
        }
        let data = Data(string.utf8)
        return (try? JSONDecoder().decode(String.self, from: data)) ?? string
    }

    /// A text as a JSON string.
    static func quoted(_ text: String) -> String {
        guard let data = try? JSONEncoder().encode(text) else { return "\"\"" }
        return String(decoding: data, as: UTF8.self)
    }
}
