import Bytes
import Synchronization

/// A document that the owner of the server has allowed, under the name clients use for it.
public struct TrustedDocument: Sendable, Equatable {
    /// The SHA-256 of the text in lower-case hexadecimal digits, or any other name.
    public let id: String
    public let text: [UInt8]

    public init(id: String, text: [UInt8]) {
        self.id = id
        self.text = text
    }

    /// Under the hash of its text.
    public init(text: [UInt8]) {
        self.init(id: SHA256.digest(of: text).hexadecimal, text: text)
    }
}

/// Documents that requests name instead of sending them: trusted ones, known from the start, and
/// those that clients have sent before (automatic persisted queries). Shared by all threads.
///
/// What clients send is kept in a bounded number of bytes, in two generations: a look-up moves a
/// document to the young one; when that is full, the old one is dropped.
public final class DocumentRegistry: Sendable {
    /// Whether no other document is executed than the trusted ones.
    public let onlyTrusted: Bool
    /// Whether clients may leave documents here.
    public let keepsDocuments: Bool
    private let trusted: [String: [UInt8]]
    private let trustedHashes: Set<String>
    private let kept: Mutex<Kept>

    /// Bytes of what clients have left. Reason: some thousand documents, a client's worth each.
    public static let bytesMaxDefault = 8 << 20

    /// - Parameter bytesMax: of documents that clients leave; 0 for none.
    public init(
        trusted: [TrustedDocument] = [], onlyTrusted: Bool = false,
        bytesMax: Int = bytesMaxDefault
    ) {
        self.onlyTrusted = onlyTrusted
        keepsDocuments = bytesMax > 0 && !onlyTrusted
        var byID: [String: [UInt8]] = [:]
        var hashes: Set<String> = []
        for document in trusted {
            let hash = SHA256.digest(of: document.text).hexadecimal
            byID[document.id] = document.text
            byID[hash] = document.text
            hashes.insert(hash)
        }
        self.trusted = byID
        trustedHashes = hashes
        kept = Mutex(Kept(bytesMax: bytesMax))
    }

    /// The document of an id or a hash; nil when it is not known.
    func document(_ id: String) -> [UInt8]? {
        if let text = trusted[id] { return text }
        guard keepsDocuments else { return nil }
        return kept.withLock { $0.document(id) }
    }

    /// Whether a document may be executed.
    func allows(_ text: [UInt8]) -> Bool {
        !onlyTrusted || trustedHashes.contains(SHA256.digest(of: text).hexadecimal)
    }

    /// Keeps a document for requests that name its hash.
    func keep(_ text: [UInt8], hash: String) {
        guard keepsDocuments, trusted[hash] == nil else { return }
        kept.withLock { $0.insert(text, hash) }
    }

    /// What is kept of clients' documents, names and tables included; at most what was asked for.
    var keptByteCount: Int { kept.withLock { $0.byteCount } }

    private struct Kept {
        private var young: [String: [UInt8]] = [:]
        private var old: [String: [UInt8]] = [:]
        private var youngByteCount = 0
        private var oldByteCount = 0
        private let bytesMax: Int
        /// What an entry takes beside its text.
        private static let entryByteCount = 160

        init(bytesMax: Int) {
            self.bytesMax = bytesMax
        }

        /// A document that went from the old to the young generation counts in both.
        var byteCount: Int { youngByteCount + oldByteCount }

        mutating func document(_ hash: String) -> [UInt8]? {
            if let text = young[hash] { return text }
            guard let text = old.removeValue(forKey: hash) else { return nil }
            insert(text, hash)
            return text
        }

        mutating func insert(_ text: [UInt8], _ hash: String) {
            guard young[hash] == nil else { return }
            let byteCount = text.count + Self.entryByteCount
            if youngByteCount + byteCount > bytesMax / 2 {
                old = young
                oldByteCount = youngByteCount
                young = [:]
                youngByteCount = 0
            }
            young[hash] = text
            youngByteCount += byteCount
        }
    }
}

/// The name by which a request means a document.
struct DocumentReference {
    enum Kind: Equatable {
        /// `extensions.persistedQuery`, with its version.
        case automatic(version: Int64?)
        /// `documentId`.
        case identifier
    }

    let kind: Kind
    /// As the registry knows it: a hash in lower-case digits, without `sha256:`.
    let id: String

    /// Characters of an id. Reason: it is looked up and forgotten.
    private static let lengthMax = 256

    /// Nil for what is no name.
    init?(_ kind: Kind, _ text: String) {
        guard !text.isEmpty, text.utf8.count <= Self.lengthMax else { return nil }
        self.kind = kind
        let hash = text.hasPrefix("sha256:") ? String(text.dropFirst("sha256:".count)) : text
        let isHash = hash.utf8.count == 64 && hash.utf8.allSatisfy(Self.isHexDigit)
        id = isHash ? hash.lowercased() : text
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
