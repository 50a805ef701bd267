import Engine

/// Where something came from or went to.
enum Channel: String, CaseIterable, Sendable {
    case web = "WEB"
    case app = "APP"
    case miniProgram = "MINI_PROGRAM"
    case officialAccount = "OFFICIAL_ACCOUNT"
    case wecom = "WECOM"
    case weibo = "WEIBO"
    case store = "STORE"
    case pos = "POS"
    case phone = "PHONE"
    case email = "EMAIL"
    case sms = "SMS"
    case push = "PUSH"
    /// A file that was read in.
    case `import` = "IMPORT"
    /// Another system.
    case api = "API"
}

/// A person or an organisation.
enum MemberKind: String, CaseIterable, Sendable {
    case individual = "INDIVIDUAL"
    case organization = "ORGANIZATION"
}

/// The gender that a member gave.
enum Gender: String, CaseIterable, Sendable {
    case female = "FEMALE"
    case male = "MALE"
    case other = "OTHER"
    /// Not asked or not answered.
    case unknown = "UNKNOWN"
}

/// Whether a merge holds.
enum MergeStatus: String, CaseIterable, Sendable {
    case merged = "MERGED"
    case unmerged = "UNMERGED"
}

extension Channel: SchemaEnum {}
extension MemberKind: SchemaEnum {}
extension Gender: SchemaEnum {}
extension MergeStatus: SchemaEnum {}
extension MemberStatus: SchemaEnum {}
extension IdentityKind: SchemaEnum {}
extension LifecycleStage: SchemaEnum {}
