/// The ASCII form of a part of a domain name.
///
/// Source: RFC 3492 §6.
enum Punycode {
    private static let base: UInt32 = 36
    private static let tMin: UInt32 = 1
    private static let tMax: UInt32 = 26

    /// `bücher` becomes `bcher-kva`. `nil` when the numbers grow too large, as they do only for
    /// texts that no domain can hold.
    static func encode(_ text: String) -> String? {
        let scalars = text.unicodeScalars.map(\.value)
        var output = scalars.filter { $0 < 0x80 }.compactMap(Unicode.Scalar.init)
        let basicCount = UInt32(output.count)
        var handled = basicCount
        if basicCount > 0 { output.append("-") }
        var next: UInt32 = 0x80
        var delta: UInt32 = 0
        var bias: UInt32 = 72
        while handled < scalars.count {
            guard let least = scalars.lazy.filter({ $0 >= next }).min() else { return nil }
            let (step, isStepOver) = (least - next).multipliedReportingOverflow(by: handled + 1)
            let (sum, isSumOver) = delta.addingReportingOverflow(step)
            guard !isStepOver, !isSumOver else { return nil }
            delta = sum
            next = least
            for value in scalars {
                if value < next { delta += 1 }
                guard value == next else { continue }
                append(delta, bias, to: &output)
                bias = adapt(delta, handled + 1, isFirst: handled == basicCount)
                delta = 0
                handled += 1
            }
            delta += 1
            next += 1
        }
        return String(String.UnicodeScalarView(output))
    }

    /// A number in digits whose weights depend on the bias.
    private static func append(_ delta: UInt32, _ bias: UInt32, to output: inout [Unicode.Scalar]) {
        var rest = delta
        var k = base
        while true {
            let t = k <= bias ? tMin : min(k - bias, tMax)
            if rest < t { break }
            output.append(digit(t + (rest - t) % (base - t)))
            rest = (rest - t) / (base - t)
            k += base
        }
        output.append(digit(rest))
    }

    /// `a` to `z`, then `0` to `9`.
    private static func digit(_ value: UInt32) -> Unicode.Scalar {
        Unicode.Scalar(UInt8(truncatingIfNeeded: value < 26 ? 0x61 + value : 0x30 + value - 26))
    }

    private static func adapt(_ delta: UInt32, _ count: UInt32, isFirst: Bool) -> UInt32 {
        var delta = isFirst ? delta / 700 : delta / 2
        delta += delta / count
        var k: UInt32 = 0
        while delta > (base - tMin) * tMax / 2 {
            delta /= base - tMin
            k += base
        }
        return k + (base - tMin + 1) * delta / (delta + 38)
    }
}
