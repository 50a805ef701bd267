import Engine

/// Something that a member did, or that happened to a member.
enum ActivityType: String, CaseIterable, Sendable {
    case registered = "REGISTERED"
    case profileUpdated = "PROFILE_UPDATED"
    case login = "LOGIN"
    case browse = "BROWSE"
    case cartAbandoned = "CART_ABANDONED"
    case purchase = "PURCHASE"
    case refund = "REFUND"
    case pointsEarned = "POINTS_EARNED"
    case pointsRedeemed = "POINTS_REDEEMED"
    case pointsExpired = "POINTS_EXPIRED"
    case tierChanged = "TIER_CHANGED"
    case stageChanged = "STAGE_CHANGED"
    case couponIssued = "COUPON_ISSUED"
    case couponRedeemed = "COUPON_REDEEMED"
    case eventRegistered = "EVENT_REGISTERED"
    case eventCheckedIn = "EVENT_CHECKED_IN"
    case messageOpened = "MESSAGE_OPENED"
    case messageClicked = "MESSAGE_CLICKED"
    case socialLike = "SOCIAL_LIKE"
    case socialComment = "SOCIAL_COMMENT"
    case posted = "POSTED"
    case scanned = "SCANNED"
    case ticketOpened = "TICKET_OPENED"
    case feedbackGiven = "FEEDBACK_GIVEN"
    case renewed = "RENEWED"
    case lapsed = "LAPSED"
    case merged = "MERGED"

    /// Whether the member did it, so that it counts as a sign of life. What others did to the
    /// member does not, nor what a machine may have done, such as opening a message.
    var isOwn: Bool {
        switch self {
        case .login, .browse, .cartAbandoned, .purchase, .pointsRedeemed, .couponRedeemed,
            .eventRegistered, .eventCheckedIn, .messageClicked, .socialLike, .socialComment,
            .posted, .scanned, .ticketOpened, .feedbackGiven, .renewed:
            true
        case .registered, .profileUpdated, .refund, .pointsEarned, .pointsExpired, .tierChanged,
            .stageChanged, .couponIssued, .messageOpened, .lapsed, .merged:
            false
        }
    }
}

extension ActivityType: SchemaEnum {}
