/// A small club: five tiers, events, members, registrations and a points ledger.
let clubSchema = #"""
    "A level of membership. 会员等级"
    type Tier
      @table(idPrefix: "tier", write: [CREATE, UPDATE]) {
      name: String!
      level: Int! @index
      "Points from which the tier is reached."
      threshold: Int!
      members: [Member!]! @relation(inverse: "tier")
      "Events whose lowest tier is this one. 活动"
      events: [Event!]! @relation(inverse: "tier")
    }

    "Something the club holds. 活动"
    type Event
      @table(idPrefix: "evt", write: [CREATE, UPDATE, DELETE])
      @index(fields: ["tier", "startsAt"]) {
      title: String! @index(kind: TEXT)
      startsAt: DateTime! @index
      city: String!
      capacity: Int!
      "The lowest tier that may come."
      tier: Tier! @relation(onDelete: RESTRICT)
      registrations: [Registration!]! @relation(inverse: "event")
    }

    "A person who belongs to the club. 会员"
    type Member
      @table(idPrefix: "mem", write: [CREATE, UPDATE, DELETE])
      @key(fields: "email")
      @index(fields: ["city", "pointsBalance"]) {
      name: String! @index(kind: TEXT)
      email: String! @sensitive
      phone: String @sensitive
      joinedAt: DateTime! @index
      city: String!
      pointsBalance: Int! @index
      status: MemberStatus! @default(value: active)
      tier: Tier! @relation(onDelete: RESTRICT)
      registrations: [Registration!]! @relation(inverse: "member")
      "Every change of the balance. 积分流水"
      pointsHistory: [PointsEntry!]! @relation(inverse: "member")
    }

    enum MemberStatus {
      active
      paused
      cancelled
    }

    "A member's place at an event. 报名"
    type Registration
      @table(idPrefix: "reg", shardBy: "member", write: [CREATE, UPDATE, DELETE])
      @index(fields: ["member", "at"])
      @index(fields: ["event", "at"]) {
      member: Member! @relation(onDelete: CASCADE)
      event: Event! @relation(onDelete: CASCADE)
      status: RegistrationStatus!
      at: DateTime!
    }

    enum RegistrationStatus {
      confirmed
      waitlisted
      cancelled
      attended
    }

    "One line of the points ledger: rows are never changed. 积分流水"
    type PointsEntry
      @table(idPrefix: "pts", shardBy: "member", appendOnly: true, write: [CREATE])
      @index(fields: ["member", "at"]) {
      member: Member! @relation(onDelete: RESTRICT)
      delta: Int!
      reason: PointsReason!
      at: DateTime! @index
      "The member's balance after this entry."
      balance: Int!
    }

    enum PointsReason {
      purchase
      referral
      event_checkin
      redemption
      birthday_bonus
      adjustment
    }
    """#
