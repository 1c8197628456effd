// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MessageClient} from "./MessageClient.sol";
import {ICollateralEscrow} from "./interfaces/ICollateralEscrow.sol";
import {ILiquidationAdapter} from "./interfaces/ILiquidationAdapter.sol";
import {IMarketRegistry} from "./interfaces/IMarketRegistry.sol";
import {ISolverBonds} from "./interfaces/ISolverBonds.sol";
import {IMailbox} from "./interfaces/external/IMailbox.sol";
import {Amounts} from "./libraries/Amounts.sol";
import {BoundedCall} from "./libraries/BoundedCall.sol";
import {Digests} from "./libraries/Digests.sol";
import {Fallbacks} from "./libraries/Fallbacks.sol";
import {Landings} from "./libraries/Landings.sol";
import {Settlements} from "./libraries/Settlements.sol";
import {Surplus} from "./libraries/Surplus.sol";
import {
    Award,
    EscrowState,
    HeldBond,
    Intent,
    Landing,
    Order,
    OrderState,
    Quote,
    QuoteStatus,
    Terms,
    Trial
} from "./types/Types.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title The home side: lands awards, holds seized collateral, settles when payment is proven.
/// @notice A landing tries the ranked quotes in order. A local quote pays, liquidates and hands out in one transaction
/// (`Landings.liquidate`). For a remote quote the vault fronts the repay, and the landing leaves an open order
/// (`Landings.open`).
///
///     None ──land──▶ Open ──expire──▶ Expired ──buy──▶ Sold          Sold: refused; the bond is held for seven days, then
///      │              │                  │                          `forfeit`, or freed by a report of a payment in time
///      │              └─────report───────┴──report──▶ Settled       Settled: accepted; a late fill's penalty is held, then
///      └──report of a fill, after openBy──▶ Refused                 `forfeit`
///
/// Settled, Sold and Refused are final. A flagged position (`flag`, `take`, `clear`) has no order: see `Fallbacks`.
contract CollateralEscrow is ICollateralEscrow, MessageClient, ReentrancyGuardTransient {
    uint256 private constant MAX_POSITION_BYTES = 256;
    uint256 private constant MAX_RANKED = 3;

    IMarketRegistry public immutable registry;
    ISolverBonds public immutable bonds;
    /// @notice EIP-712 domain separator of everything signed for this escrow.
    bytes32 public immutable domainSeparator;

    EscrowState private _state;

    constructor(IMailbox mailbox_, IMarketRegistry registry_, ISolverBonds bonds_, address authority)
        MessageClient(mailbox_)
        AccessManaged(authority)
    {
        registry = registry_;
        bonds = bonds_;
        domainSeparator = Digests.domainSeparator(block.chainid, address(this));
    }

    /// @notice Lands an award. Anyone; the caller earns the market's keeper fee when a quote lands.
    /// @param landing The intent, the ranked quotes in order with their signatures, and k auctioneers' signatures.
    /// @return landed Place (from 1) of the quote that landed; 0 when every quote was passed over.
    /// @return orderId The opened order; zero for a local liquidation.
    function land(Landing calldata landing) external nonReentrant returns (uint8 landed, bytes32 orderId) {
        return _land(landing, msg.sender);
    }

    /// @notice Lands many awards, local and remote. Anyone. An item that cannot land for reasons of state is skipped,
    /// with an event; one that fails for want of gas fails the whole call.
    /// @return landed For each item as `land` returns it; 0 for a skipped one.
    /// @return orderIds For each item as `land` returns it.
    function landMany(Landing[] calldata landings)
        external
        nonReentrant
        returns (uint8[] memory landed, bytes32[] memory orderIds)
    {
        landed = new uint8[](landings.length);
        orderIds = new bytes32[](landings.length);
        for (uint256 i; i < landings.length; ++i) {
            (bool ok, bytes memory returned) =
                BoundedCall.tryWithAllGas(address(this), abi.encodeCall(this.landFor, (landings[i], msg.sender)));
            if (ok) (landed[i], orderIds[i]) = abi.decode(returned, (uint8, bytes32));
            else emit LandingSkipped(i, returned);
        }
    }

    /// @notice One item of `landMany`, in a call of its own so that its failure undoes nothing else. This contract
    /// only.
    function landFor(Landing calldata landing, address lander) external returns (uint8 landed, bytes32 orderId) {
        if (msg.sender != address(this)) revert OnlyItself();
        return _land(landing, lander);
    }

    /// @notice Opens the home sale of an order's lot if no payment of the order was proven. Anyone, after `expiresAt`.
    function expire(Order calldata order) external nonReentrant {
        Settlements.expire(_state, registry, Digests.encodingOf(order));
    }

    /// @notice What the home sale of an expired order offers now: collateral units, for debt units.
    function offer(Order calldata order) external view returns (uint256 lot, uint256 price) {
        return Settlements.offer(_state, registry, Digests.encodingOf(order));
    }

    /// @notice Buys the lot of an expired order; the caller has approved its price in the debt token. Anyone.
    /// @dev No callback: a caller without inventory borrows, buys, swaps and repays inside its own flash loan.
    /// @param leastLot Collateral units; less on offer reverts.
    /// @param mostPrice Debt units; a higher price reverts.
    /// @param recipient Receives the lot now, and the bounty if the bond is forfeited later.
    function buy(Order calldata order, uint256 leastLot, uint256 mostPrice, address recipient)
        external
        nonReentrant
        returns (uint256 lot, uint256 price)
    {
        return Settlements.buy(_state, registry, Digests.encodingOf(order), leastLot, mostPrice, recipient);
    }

    /// @notice Takes the held part of an order's bond: after a late fill at once, after a home sale once seven days
    /// have passed without proof of a payment in time. Anyone.
    /// @return amount Debt units forfeited.
    /// @return bounty Part of `amount` that went to the late filler or the buyer, debt units.
    function forfeit(Order calldata order) external nonReentrant returns (uint256 amount, uint256 bounty) {
        return Settlements.forfeit(_state, registry, bonds, Digests.encodingOf(order));
    }

    /// @notice Flags an unhealthy position: if nothing lands during the delay, anyone may take the position. Anyone.
    function flag(bytes32 market, bytes calldata position) external nonReentrant {
        Fallbacks.flag(_state, registry, market, position);
    }

    /// @notice Clears the flag of a position that is healthy now. Anyone.
    function clear(bytes32 market, bytes calldata position) external nonReentrant {
        Fallbacks.clear(_state, registry, market, position);
    }

    /// @notice Liquidates a flagged position with the caller's money, approved in the debt token. Anyone.
    /// @dev No callback: a caller without inventory borrows, takes, swaps and repays inside its own flash loan.
    /// @param leastLot Collateral units; a smaller lot reverts.
    /// @param mostRepay Debt units; a larger repay amount reverts.
    /// @return repaid Debt units the protocol took; the rest stays the caller's.
    /// @return lot Collateral units sent to `recipient`.
    function take(bytes32 market, bytes calldata position, uint256 leastLot, uint256 mostRepay, address recipient)
        external
        nonReentrant
        returns (uint256 repaid, uint256 lot)
    {
        return Fallbacks.take(_state, registry, market, position, leastLot, mostRepay, recipient);
    }

    /// @notice Answers payments: one message for any number of orders of one pay escrow. Anyone, any number of times.
    /// @param orderIds Orders that are settled, sold or refused; an open, expired or unknown one has no verdict
    /// yet and reverts.
    function sendVerdicts(uint32 payDomain, address payEscrow, bytes32[] calldata orderIds)
        external
        payable
        nonReentrant
        returns (bytes32 messageId)
    {
        uint64 accepted = _verdicts(orderIds);
        messageId = _dispatch(payDomain, payEscrow, abi.encodePacked(accepted, orderIds), orderIds.length);
        emit VerdictsSent(messageId, payDomain, orderIds, accepted);
    }

    /// @notice The native fee `sendVerdicts` needs now, in wei.
    function quoteVerdicts(uint32 payDomain, address payEscrow, bytes32[] calldata orderIds)
        external
        view
        returns (uint256 fee)
    {
        return _quote(payDomain, payEscrow, abi.encodePacked(_verdicts(orderIds), orderIds), orderIds.length);
    }

    /// @notice Gives a position its borrower's surplus back, as collateral where the protocol can. Anyone.
    /// @return amount Collateral units given back.
    function returnSurplus(bytes32 market, bytes calldata position, address collateral)
        external
        nonReentrant
        returns (uint256 amount)
    {
        return Settlements.returnSurplus(_state, registry, market, position, collateral);
    }

    /// @notice Pays the caller's credit of `token` to any address.
    function claim(address token, address to) external nonReentrant returns (uint256 amount) {
        return Settlements.claim(_state, token, to);
    }

    /// @notice State of an order and the collateral units seized for it.
    function orders(bytes32 orderId) external view returns (OrderState state, uint128 seized) {
        return (_state.orders[orderId].state, _state.orders[orderId].seized);
    }

    /// @notice The next landing's round of a position.
    function rounds(bytes32 positionKey) external view returns (uint64) {
        return _state.positions[positionKey].round;
    }

    /// @notice Time of a position's flag, Unix seconds; 0 without a flag.
    function flaggedAt(bytes32 positionKey) external view returns (uint64) {
        return _state.positions[positionKey].flaggedAt;
    }

    /// @notice The part of an order's bond that is held after its end, see `forfeit`; all zero when nothing is.
    function heldBonds(bytes32 orderId) external view returns (HeldBond memory) {
        return _state.held[orderId];
    }

    /// @notice Whether an account has faded on an intent.
    function hasFaded(bytes32 intent, address account) external view returns (bool) {
        return _state.faded[intent][account];
    }

    /// @notice Whether a landing, settlement, sale or take is under way; vault and bonds refuse other calls meanwhile.
    function locked() external view returns (bool) {
        return _reentrancyGuardEntered();
    }

    /// @notice Borrower's surplus not yet given back to a position, collateral units.
    function surplusOf(bytes32 positionKey, address collateral) external view returns (uint256) {
        return Surplus.owed(_state, positionKey, collateral);
    }

    /// @notice What `account` may claim of `token`: a treasury's share of surplus, and pushes that failed.
    function credits(address token, address account) external view returns (uint256) {
        return _state.credits[token][account];
    }

    function _handle(uint32 origin, address sender, bytes calldata body) internal override nonReentrant {
        Settlements.handle(_state, registry, bonds, localDomain, origin, sender, body);
    }

    function _land(Landing calldata landing, address lander) private returns (uint8 landed, bytes32 orderId) {
        Trial memory trial = _admit(landing.intent, lander);
        bytes32[] memory digests = _verify(landing, trial.intentDigest);
        for (uint256 i; i < landing.quotes.length; ++i) {
            trial.quote = landing.quotes[i].quote;
            trial.quoteDigest = digests[i];
            QuoteStatus status = _quoteStatus(trial, i, landing.quotes[i].signature, landing.intent.quoteBy);
            (bytes memory reason, bool fault) = _obstacle(trial, status);
            if (reason.length == 0) {
                bool local = trial.quote.payDomain == localDomain;
                bool ok;
                (ok, reason) = BoundedCall.tryDelegate(
                    address(Landings),
                    trial.terms.trialGas,
                    abi.encodeWithSelector(local ? Landings.liquidate.selector : Landings.open.selector, _slot(), trial)
                );
                if (ok) {
                    if (local) return (uint8(i + 1), 0);
                    uint256 free;
                    uint256 bond;
                    (orderId, free, bond) = abi.decode(reason, (bytes32, uint256, uint256));
                    if (orderId != 0) return (uint8(i + 1), orderId);
                    fault = true;
                    reason = abi.encodeWithSelector(BondUnavailable.selector, free, bond);
                }
            }
            if (fault) Landings.fade(_state, trial);
            emit PassedOver(trial.intentDigest, digests[i], reason);
        }
    }

    /// @dev Checks an intent against the current rules and the protocol's current state, and derives what all trials
    /// share.
    function _admit(Intent calldata intent, address lander) private returns (Trial memory trial) {
        if (intent.homeDomain != localDomain || intent.escrow != address(this)) {
            revert WrongHome(intent.homeDomain, intent.escrow);
        }
        if (intent.position.length > MAX_POSITION_BYTES) revert PositionTooLong(intent.position.length);
        bytes32 market = intent.market;
        uint64 freshFrom;
        (trial.terms, trial.version, trial.debtTerms, freshFrom) =
            registry.landingRules(market, intent.collateral, intent.debt);
        if (intent.quoteBy < freshFrom) revert RulesChanged(intent.quoteBy, freshFrom);
        _checkTimes(intent, trial.terms);

        trial.positionKey = Digests.positionKey(market, intent.position);
        uint64 round = _state.positions[trial.positionKey].round;
        if (intent.round != round) revert WrongRound(intent.round, round);
        (address collateral, address debt, uint256 allowed,, uint256 health) =
            ILiquidationAdapter(trial.terms.adapter).prepare(intent.position);
        if (collateral != intent.collateral || debt != intent.debt) revert WrongTokens(collateral, debt);
        if (allowed == 0) revert Healthy(health);
        trial.repay = Math.min(intent.repay, allowed);
        // Also a least part of the intent's amount: the amount that the protocol allows can be made small for the
        // length of a transaction.
        uint256 least = Math.max(trial.debtTerms.minRepay, Amounts.partUp(intent.repay, trial.terms.minPartBps));
        if (trial.repay < least || trial.repay == 0) revert BelowMinimum(trial.repay, least);

        trial.intentDigest = Digests.digest(domainSeparator, Digests.hashIntent(intent));
        trial.market = market;
        trial.position = intent.position;
        trial.collateral = collateral;
        trial.debt = debt;
        trial.lander = lander;
        trial.registry = address(registry);
        trial.bonds = address(bonds);
        trial.localDomain = localDomain;
        trial.intentRepay = intent.repay;
        trial.intentSeizable = intent.seizable;
        trial.allowed = allowed;
        trial.round = round;
        trial.openBy = intent.openBy;
    }

    function _checkTimes(Intent calldata intent, Terms memory terms) private view {
        if (intent.observedBlock % terms.slot != 0) revert NotASlot(intent.observedBlock, terms.slot);
        if (intent.observedBlock >= block.number) revert NotObserved(intent.observedBlock);
        uint64 openBy = intent.quoteBy / 1000 + terms.landingWindow;
        if (intent.openBy != openBy) revert WrongOpenBy(intent.openBy, openBy);
        uint256 latest = block.timestamp + Math.ceilDiv(terms.quoteWindow, 1000) + terms.landingWindow;
        if (block.timestamp > openBy || openBy > latest) revert OutsideWindow(openBy, block.timestamp);
    }

    function _verify(Landing calldata landing, bytes32 intentDigest) private view returns (bytes32[] memory digests) {
        uint256 count = landing.quotes.length;
        if (count == 0 || count > MAX_RANKED) revert WrongQuoteCount(count);
        digests = new bytes32[](MAX_RANKED);
        for (uint256 i; i < count; ++i) {
            Quote calldata quote = landing.quotes[i].quote;
            if (quote.intent != intentDigest) revert WrongIntentCited(i, quote.intent);
            digests[i] = Digests.digest(domainSeparator, Digests.hashQuote(quote));
        }
        bytes32 award = Digests.digest(
            domainSeparator, Digests.hashAward(Award(intentDigest, landing.attempt, digests[0], digests[1], digests[2]))
        );
        registry.verifyCertificate(landing.intent.market, award, landing.signatures);
    }

    /// @dev The status of the trial's quote, by the key that signed the quote. Reverts with `ForgedQuote` on another
    /// key.
    function _quoteStatus(Trial memory trial, uint256 place, bytes calldata signature, uint64 quoteBy)
        private
        view
        returns (QuoteStatus status)
    {
        Quote memory quote = trial.quote;
        address signer = ECDSA.recoverCalldata(trial.quoteDigest, signature);
        status = bonds.quoteStatus(quote.solver, signer, quote.payout, quote.epoch, quoteBy);
        // The certified signature was another one. Passing the quote over would let a lander choose the winner.
        if (status == QuoteStatus.NotItsKey) revert ForgedQuote(place, signer);
    }

    /// @dev The reason to pass a quote over before it is tried; empty if there is none. Faults (money the account
    /// promised and does not have) are read here, never caught from the trial.
    function _obstacle(Trial memory trial, QuoteStatus status) private view returns (bytes memory, bool fault) {
        Quote memory quote = trial.quote;
        if (status != QuoteStatus.Good) return (abi.encodeWithSelector(QuoteRefused.selector, status), false);
        if (quote.ask > trial.intentSeizable) {
            return (abi.encodeWithSelector(AskAboveSeizable.selector, quote.ask, trial.intentSeizable), false);
        }
        if (quote.payDomain != localDomain) return ("", false); // the bond is read first thing in `Landings.open`
        uint256 needed = trial.repay + trial.debtTerms.keeperFee;
        uint256 balance = IERC20(trial.debt).balanceOf(quote.solver);
        uint256 allowance = IERC20(trial.debt).allowance(quote.solver, address(this));
        if (balance < needed || allowance < needed) {
            return (abi.encodeWithSelector(PaymentUnavailable.selector, balance, allowance, needed), true);
        }
        return ("", false);
    }

    /// @return accepted One bit for each order, the first order in the lowest bit: 1 if the order is settled.
    function _verdicts(bytes32[] calldata orderIds) private view returns (uint64 accepted) {
        for (uint256 i; i < orderIds.length; ++i) {
            OrderState state = _state.orders[orderIds[i]].state;
            if (state == OrderState.None || state == OrderState.Open || state == OrderState.Expired) {
                revert NoVerdict(orderIds[i], state);
            }
            if (state == OrderState.Settled) accepted |= uint64(1 << i); // a message has no more items than bits
        }
    }

    /// @dev Storage slot of `_state`, which the libraries are delegated to with.
    function _slot() private pure returns (uint256 slot) {
        assembly ("memory-safe") {
            slot := _state.slot
        }
    }
}
