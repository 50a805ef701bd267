import Bytes
import Testing

@testable import HTTP

/// A request as a generator made it: its bytes, and what they mean by plain rules.
private struct Sample {
    var bytes: [UInt8] = []
    var meaning = ""

    init(using random: inout SeededRandom) {
        func pick<Element>(_ elements: [Element]) -> Element {
            elements[Int.random(in: 0..<elements.count, using: &random)]
        }
        func word(_ alphabet: String, _ counts: ClosedRange<Int>) -> String {
            let alphabet = Array(alphabet)
            let count = Int.random(in: counts, using: &random)
            return String((0..<count).map { _ in pick(alphabet) })
        }
        let token = "abcXYZ019!#$%&'*+-.^_`|~"
        let (method, name) = pick([
            ("GET", "get"), ("POST", "post"), ("HEADS", "other"), ("OPTIONS", "options"),
            ("PATCH", "other"), ("get", "other"),
        ])
        let path =
            "/"
            + (0..<Int.random(in: 0...5, using: &random)).map { _ in
                word("abF2/;:@!$&'()*+,=-._~", 0...8) + pick(["", "%2F", "%c3%A9"])
            }.joined()
        let query = pick([nil, "", word("ab?/&=%20{}|\"<>^`[]\\", 1...30)])
        let host = pick(["a", "example.org:443", "[::1]:8080", "10.0.0.1"])
        let body = word("abc\r\n0 :;{}\"", 0...300)
        let isChunked = Bool.random(using: &random)

        var headers = [("Host", host)]
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            headers.append(("X" + word(token, 0...20), word("ab \t:;,=\"\\()é", 0...40)))
        }
        headers.append(isChunked ? ("transfer-Encoding", "chunked") : lengthHeader(body))
        headers.shuffle(using: &random)

        var text = String(repeating: "\r\n", count: Int.random(in: 0...2, using: &random))
        text += "\(method) \(path)\(query.map { "?" + $0 } ?? "") HTTP/1.1\r\n"
        meaning = "\(name) \(method) http11\n\(path)|\(query ?? "")|\(host)\n"
        for (name, value) in headers {
            text += name + ":" + word(" \t", 0...3) + value + word(" \t", 0...3) + "\r\n"
            meaning += "\(name)=\(trim(value))\n"
        }
        text += "\r\n"
        meaning += body
        if isChunked {
            var rest = Array(body.utf8)[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...rest.count, using: &random)
                text += word("0", 0...3) + String(count, radix: 16, uppercase: count % 2 == 0)
                text += pick(["", ";a", " ; a=\"b;\\\"c\""]) + "\r\n"
                text += String(decoding: rest.prefix(count), as: UTF8.self) + "\r\n"
                rest = rest.dropFirst(count)
            }
            text += "0\r\n" + pick(["", "Trailer: x\r\n"]) + "\r\n"
        } else {
            text += body
        }
        bytes = Array(text.utf8)
    }
}

private func lengthHeader(_ body: String) -> (String, String) {
    ("Content-LENGTH", String(body.utf8.count))
}

private func trim(_ value: String) -> String {
    var value = Substring(value)
    while value.first == " " || value.first == "\t" { value.removeFirst() }
    while value.last == " " || value.last == "\t" { value.removeLast() }
    return String(value)
}

/// Sends bytes in pieces of random sizes.
private func answers(_ bytes: [UInt8], cutBy random: inout SeededRandom) -> String {
    let wire = Wire()
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = Int.random(in: 1...min(rest.count, 200), using: &random)
        wire.send(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
    }
    return wire.text
}

@Test(arguments: [11, 12, 13, 14] as [UInt64])
func `random valid requests are understood as they were meant`(_ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    for round in 0..<100 {
        var bytes: [UInt8] = []
        var expected = ""
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            let sample = Sample(using: &random)
            bytes += sample.bytes
            expected += answer("200 OK", sample.meaning)
        }
        let whole = Wire()
        whole.send(bytes)
        #expect(whole.text == expected, "seed \(seed), round \(round)")
        #expect(answers(bytes, cutBy: &random) == expected, "seed \(seed), round \(round)")
        if whole.text != expected { return }
    }
}

@Test(arguments: [21, 22, 23, 24] as [UInt64])
func `random damage is answered alike however it is cut`(_ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let poison = Array("\r\n\0\t :;,0aF/?%\u{7f}".utf8) + [0x80, 0xFF]
    for round in 0..<400 {
        var bytes = Sample(using: &random).bytes + Sample(using: &random).bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[index] = poison[Int.random(in: 0..<poison.count, using: &random)]
            case 1: bytes.remove(at: index)
            default:
                bytes.insert(
                    poison[Int.random(in: 0..<poison.count, using: &random)], at: index)
            }
        }
        let whole = Wire()
        whole.send(bytes)
        let cut = answers(bytes, cutBy: &random)
        #expect(whole.text == cut, "seed \(seed), round \(round)")
        if whole.text != cut { return }
    }
}
