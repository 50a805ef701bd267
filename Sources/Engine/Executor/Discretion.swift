import Bytes
import GraphQL

/// Keeps the names of the schema out of errors that tell a stranger what he did not say.
///
/// Messages put names between quotation marks. A word there that neither the document nor the
/// variables have comes from the schema, and is shown as `…`.
struct Discretion {
    private let said: Set<String>

    /// - Parameter texts: the document, and the variables as JSON.
    init(_ texts: [[UInt8]]) {
        var said: Set<String> = ["ID", "Int", "Float", "String", "Boolean"]
        for text in texts { Self.forEachWord(of: text) { said.insert($0) } }
        self.said = said
    }

    func message(_ message: String) -> String {
        var parts = message.split(separator: "\"", omittingEmptySubsequences: false).map(
            String.init)
        for place in stride(from: 1, to: parts.count, by: 2) { parts[place] = masked(parts[place]) }
        return parts.joined(separator: "\"")
    }

    func error(_ error: GraphQLError) -> GraphQLError {
        var error = error
        error.message = message(error.message)
        return error
    }

    private func masked(_ quoted: String) -> String {
        var text = ""
        var word = ""
        func end() {
            text += word.isEmpty || said.contains(word) ? word : "…"
            word = ""
        }
        for character in quoted {
            if character.isASCII, character.isLetter || character == "_" || character.isNumber {
                word.append(character)
            } else {
                end()
                text.append(character)
            }
        }
        end()
        return text
    }

    private static func forEachWord(of text: [UInt8], _ body: (String) -> Void) {
        var start = 0
        for place in 0...text.count {
            if place < text.count, isWord(text[place]) { continue }
            if place > start { body(String(decoding: text[start..<place], as: UTF8.self)) }
            start = place + 1
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
