import Testing

@testable import TesseraServer

/// An element with its parameters, as `name;parameter=value`.
private func elements(_ text: String) -> [[String]] {
    func string(_ bytes: UnsafeRawBufferPointer) -> String {
        unsafe String(decoding: bytes, as: UTF8.self)
    }
    return unsafe Array(text.utf8).withUnsafeBytes { bytes in
        var reader = unsafe FieldValueReader(bytes)
        var elements: [[String]] = []
        while let name = unsafe reader.nextElement() {
            var element = [unsafe string(name)]
            while let parameter = reader.nextParameter() {
                element.append(unsafe "\(string(parameter.name))=\(string(parameter.value))")
            }
            elements.append(element)
        }
        return elements
    }
}

/// Every text of up to `length` of these letters.
private func texts(of letters: String, upTo length: Int) -> [String] {
    var all = [""]
    var longest = [""]
    for _ in 0..<length {
        longest = longest.flatMap { text in letters.map { text + String($0) } }
        all += longest
    }
    return all
}

private func trimmed(_ text: Substring) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
}

@Test
func `a list without quotes is what splitting it gives`() {
    let wrong = texts(of: "a=;, ", upTo: 5).filter { text in
        var wanted: [[String]] = []
        for element in text.split(separator: ",") {
            let parts = element.split(separator: ";", omittingEmptySubsequences: false)
            let name = trimmed(parts[0])
            if name.isEmpty { continue }
            let parameters = parts.dropFirst().filter { !trimmed($0).isEmpty }.map { part in
                let sides = part.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return trimmed(sides[0]) + "=" + (sides.count > 1 ? trimmed(sides[1]) : "")
            }
            wanted.append([name] + parameters)
        }
        return elements(text) != wanted
    }
    #expect(wrong == [])
}

@Test
func `separators inside quotes separate nothing, and a quote left open ends with the value`() {
    #expect(elements(#"a;b="c,d;e=f";g, h"#) == [["a", "b=c,d;e=f", "g="], ["h"]])
    #expect(elements(#"a; b = "\",c" x;d=e"#) == [["a", #"b=\",c"#, "d=e"]])
    #expect(elements(#"a;b="c,d;e"#) == [["a", "b=c,d;e"]])
    #expect(elements(#"a;b=""#) == [["a", "b="]])
    #expect(elements(#"a;b="\"#) == [["a", #"b=\"#]])
}

@Test
func `every small text comes to an end`() {
    let wrong = texts(of: "a=;,\"\\", upTo: 5).filter { elements($0).count > $0.utf8.count }
    #expect(wrong == [])
}
