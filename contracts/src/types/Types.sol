// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice The terms of one liquidation. A pure function of (market, position, round, observed block), so copies
/// collapse into one digest. Field by field the same as `Intent` in protocol/proto/gavel/v1/intent.proto.
struct Intent {
    uint32 homeDomain;
    address escrow;
    bytes32 market;
    bytes position;
    address collateral;
    address debt;
    uint128 repay;
    uint128 seizable;
    uint64 round;
    uint64 observedBlock;
    bytes32 observedBlockHash;
    uint64 quoteBy; // Unix milliseconds
    uint64 openBy; // Unix seconds
}

/// @notice "I pay the whole repay amount on `payDomain` for `ask` units of collateral." `intent` is the EIP-712 digest.
struct Quote {
    bytes32 intent;
    address solver;
    uint128 ask;
    uint32 payDomain;
    address payout;
    uint64 epoch;
}

/// @notice A vote over the ranking; absent places are zero. k signatures over one are a certificate.
struct Award {
    bytes32 intent;
    uint8 attempt;
    bytes32 first;
    bytes32 second;
    bytes32 third;
}

/// @notice A quote with the signature of one of its account's registered keys (65 bytes, r ‖ s ‖ v).
struct SignedQuote {
    Quote quote;
    bytes signature;
}

/// @notice What a lander submits: the intent, the ranked quotes in order, and the certificate.
/// @dev `signatures` is k × 65 bytes, ascending by recovered auctioneer address.
struct Landing {
    Intent intent;
    uint8 attempt;
    SignedQuote[] quotes;
    bytes signatures;
}

/// @notice Everything a remote award commits to; `OrderParts` defines its id.
/// @dev Deliberately without the seized amount, which moves with the price: a re-included landing keeps its id.
struct Order {
    bytes32 intent; // digest
    bytes32 quote; // digest
    bytes32 market;
    bytes32 positionKey; // keccak256(abi.encode(market, position))
    uint32 homeDomain;
    address homeEscrow;
    uint32 payDomain;
    address payEscrow;
    address collateral; // home chain
    address debt; // home chain
    address payToken; // pay chain
    address treasury; // where an accepted payment is released to: on the pay chain, or over `bridge` on the home chain
    address bridge; // pay chain: the bridge adapter that carries it home; zero when `treasury` is on the pay chain
    address solver; // the bonded account
    address payout; // home chain: the winner's
    uint32 terms; // version of the market's rules the order was opened under
    uint128 repaid; // debt units
    uint128 keeperFee; // debt units, fronted by the vault: principal = repaid + keeperFee
    uint128 routeFee; // debt units
    uint128 payAmount; // pay token units, for repaid + keeperFee + routeFee, rounded up
    uint128 ask; // collateral units
    uint128 maxAsk; // collateral units
    uint128 bond; // debt units locked
    uint128 latePenalty; // debt units, part of the bond a fill after `exclusiveUntil` forfeits
    uint64 openBy; // all Unix seconds
    uint64 exclusiveUntil; // already includes the maximum clock skew
    uint64 fillDeadline;
    uint64 expiresAt;
}

/// @notice One payment for one order, as the pay chain has stored it (hashed).
struct Fill {
    Order order;
    address payer; // refunds go here
    address beneficiary; // collateral goes here, on the home chain
    uint128 ask; // collateral units the payer is owed
    uint64 filledAt; // pay chain's Unix seconds
}

/// @notice A market's rules. Changing them makes a new version; open orders keep theirs.
struct Terms {
    address adapter;
    address treasury; // the lending protocol's, gets the surplus that is not the borrower's
    uint16 borrowerBps; // share of the surplus returned to the position
    uint16 minPartBps; // least part of what the protocol allows at landing that must be repaid
    uint16 stressBps; // bond: part of the repaid amount
    uint16 maxAskBps; // part of the scaled seizable amount that the public phase's ask may rise to
    uint16 floorBps; // home sale: part of the debt the price falls to (default path)
    uint16 minLotBps; // home sale and take: part of the lot offered at the start
    uint16 lateBountyBps; // fixed bounty of a late fill, part of the repaid amount
    uint16 bonusBps; // most the lending protocol's own bonus can be; sizes the late penalty
    uint16 fadeBps; // forfeited from the free bond for a fade, part of the intent's repay amount
    uint32 slot; // blocks
    uint32 quoteWindow; // milliseconds
    uint32 landingWindow; // seconds; the rest too
    uint32 exclusivity;
    uint32 clockSkew;
    uint32 fillWindow;
    uint32 proofWindow;
    uint32 auctionLength; // home sale: the lot rises this long, then the price falls this long; take: rises, then rests
    uint32 takeDelay; // from the flag of an unhealthy position until anyone may take it
    uint32 capWindow;
    uint32 trialGas; // gas guaranteed to each quote's trial; at least twice what one needs
}

/// @notice Per market and debt token: the vault that fronts, and what a landing may cost it.
struct DebtTerms {
    address vault;
    uint128 keeperFee; // debt units, fixed
    uint128 minRepay; // debt units: smaller liquidations are not worth a landing
    uint128 capPrincipal; // most open principal, debt units
    uint128 capRepaid; // most repaid per rolling window, debt units
}

/// @notice Per market, debt token and pay domain: how a remote payment is made.
struct Route {
    bool enabled;
    uint8 payDecimals;
    uint16 feeBps; // of repaid, to the vault's depositors
    uint16 handicapBps; // of the ask, in ranking only
    address payEscrow;
    address payToken;
    address treasury; // on the pay chain; the route's receiver on the home chain when there is a bridge
    address bridge; // the bridge adapter on the pay chain; zero for a plain transfer to `treasury`
}

/// @notice Whether a quote can be tried, and why not.
enum QuoteStatus {
    Good,
    NotItsKey, // no honest auctioneer took this signature
    EpochEnded,
    PayoutNotRegistered,
    Suspended // after a fade, for intents whose `quoteBy` came later
}

enum OrderState {
    None,
    Open,
    Settled,
    Sold,
    Refused,
    Expired // the lot is on sale; a proof before the sale still settles
}

enum PaymentState {
    None,
    Filled,
    Accepted,
    Refused,
    Released,
    Refunded
}

/// @notice What one quote's trial works on: derived once per landing, shared by every trial.
struct Trial {
    Quote quote;
    bytes32 quoteDigest;
    bytes32 intentDigest;
    bytes32 market;
    bytes32 positionKey;
    bytes position;
    address collateral;
    address debt;
    address lander;
    address registry;
    address bonds;
    uint32 localDomain;
    uint256 intentRepay; // debt units the quote is a price for
    uint256 intentSeizable; // collateral units
    uint256 allowed; // debt units the protocol allows now
    uint256 repay; // debt units to spend at most: the smaller of the two
    uint64 round;
    uint64 openBy;
    uint32 version;
    Terms terms;
    DebtTerms debtTerms;
}

struct OrderRecord {
    OrderState state;
    uint128 seized; // collateral units
    uint64 expiredAt; // Unix seconds; when the home sale began
}

/// @notice What an escrow remembers of a position, in one slot: a landing writes its round and its surplus at once.
struct PositionRecord {
    uint40 round; // the next landing's
    uint40 flaggedAt; // Unix seconds; 0: not flagged
    uint48 surplusToken; // low bits of the collateral's address
    uint128 surplus; // the borrower's, not yet given back, collateral units
}

/// @notice The part of an order's bond that stays locked after its end, to be forfeited.
struct HeldBond {
    address bountyTo; // the late filler or the buyer
    uint64 readyAt; // Unix seconds; 0: nothing is held
    uint128 amount; // debt units
    uint128 shortfall; // debt units the sale lacked
}

/// @notice Debt repaid lately, as a bucket that empties evenly over the market's cap window.
struct Usage {
    uint128 used; // debt units
    uint64 at; // Unix seconds
}

/// @notice Everything a collateral escrow remembers.
struct EscrowState {
    mapping(bytes32 orderId => OrderRecord) orders;
    mapping(bytes32 positionKey => PositionRecord) positions;
    // Surplus that does not fit its position's record: of a second collateral, or beyond 128 bits.
    mapping(bytes32 positionKey => mapping(address collateral => uint256)) moreSurplus;
    mapping(address token => mapping(address account => uint256)) credits;
    mapping(bytes32 market => mapping(address debt => Usage)) usage;
    mapping(bytes32 intent => mapping(address account => bool)) faded;
    mapping(bytes32 orderId => HeldBond) held;
}
