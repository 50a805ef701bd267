import Bytes
import Engine
import Glibc
import Synchronization

/// Which credentials a server asks for.
enum AccessMode: Equatable, Sendable {
    /// None: whoever reaches the server may do everything.
    case none
    case keys(KeyFile)
    /// The file of the secrets that web tokens are signed with.
    case webTokens(path: String)
}

/// Verifies credentials with what its file says now.
final class Authenticator: Sendable {
    private enum Accepted: Sendable {
        case keys(KeyRing)
        case webTokens(WebKeySet)
    }

    private let mode: AccessMode
    private let roles: AccessRoles
    /// What the file said when it was read for the ticket.
    private let accepted: Mutex<(ticket: Int, Accepted)>
    /// Of reloads, in the order in which they began to read.
    private let tickets = Atomic(0)
    private let lastSeen: Mutex<FileMark?>

    /// - Parameter mode: not `none`, for which there is nothing to verify.
    /// - Returns: nil for `none`.
    init?(_ mode: AccessMode, _ roles: AccessRoles) throws(CommandError) {
        // Before it is read: a change that comes in between is seen at the next look.
        let mark = Authenticator.path(mode).flatMap(FileMark.init)
        guard let accepted = try Authenticator.read(mode) else { return nil }
        self.mode = mode
        self.roles = roles
        self.accepted = Mutex((0, accepted))
        lastSeen = Mutex(mark)
    }

    private static func path(_ mode: AccessMode) -> String? {
        switch mode {
        case .none: nil
        case .keys(let file): file.path
        case .webTokens(let path): path
        }
    }

    private static func read(_ mode: AccessMode) throws(CommandError) -> Accepted? {
        switch mode {
        case .none: return nil
        case .keys(let file):
            do throws(KeyFile.Problem) {
                return .keys(KeyRing(try file.read()?.keys ?? []))
            } catch {
                throw error.commandError(file.path)
            }
        case .webTokens(let path):
            do throws(WebKeySet.Problem) {
                return .webTokens(try WebKeySet.read(path))
            } catch {
                throw error.commandError(path)
            }
        }
    }

    /// How many keys there are.
    var keyCount: Int {
        switch accepted.withLock({ $0.1 }) {
        case .keys(let ring): ring.count
        case .webTokens(let set): set.keys.count
        }
    }

    /// When access keys were last accepted, by their ids.
    var lastUses: [String: Int64] {
        guard case .keys(let ring) = accepted.withLock({ $0.1 }) else { return [:] }
        return ring.lastUses
    }

    /// Whom a token stands for.
    ///
    /// - Parameter now: milliseconds since 1970-01-01T00:00:00Z.
    func viewer(of token: [UInt8], now: Int64 = Instant.now) -> Result<Viewer, Denial> {
        switch accepted.withLock({ $0.1 }) {
        case .webTokens(let keySet): WebToken.viewer(of: token, keySet, roles, now: now)
        case .keys(let ring):
            ring.viewer(of: token, now: now).flatMap { viewer in
                // The schema may have changed since the key was made.
                switch roles.problem(with: viewer) {
                case nil: .success(viewer)
                case .unknownRole:
                    .failure(Denial("the key has an unknown role", subject: viewer.name))
                case .needsMember, .needsChapterOrStaff, .malformedID:
                    .failure(
                        Denial("the key does not say whom it stands for", subject: viewer.name))
                }
            }
        }
    }

    // MARK: Changes

    /// Takes up what the file says now. If it cannot be read, what it said before stays.
    ///
    /// Of several at once the one that has begun last counts, because it has read what the others
    /// have, or more.
    func reload() throws(CommandError) {
        let ticket = tickets.add(1, ordering: .sequentiallyConsistent).newValue
        guard let new = try Authenticator.read(mode) else { return }
        accepted.withLock { accepted in
            guard ticket > accepted.ticket else { return }
            if case .keys(let ring) = new, case .keys(let earlier) = accepted.1 {
                accepted = (ticket, .keys(KeyRing(ring, after: earlier)))
            } else {
                accepted = (ticket, new)
            }
        }
    }

    /// Reloads if the file has been changed since the last time.
    func reloadIfChanged() throws(CommandError) {
        let mark = Authenticator.path(mode).flatMap(FileMark.init)
        let isNew = lastSeen.withLock { last in
            defer { last = mark }
            return last != mark
        }
        if isNew { try reload() }
    }
}

/// What tells one state of a file from the next.
private struct FileMark: Equatable, Sendable {
    private let device: UInt64
    private let number: UInt64
    private let byteCount: Int64
    private let changedSeconds: Int
    private let changedNanoseconds: Int

    /// Nil when there is no such file.
    init?(path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
        byteCount = Int64(status.st_size)
        changedSeconds = Int(status.st_ctim.tv_sec)
        changedNanoseconds = Int(status.st_ctim.tv_nsec)
    }
}
