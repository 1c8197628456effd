// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MessageClient} from "./MessageClient.sol";
import {IBackstopVault} from "./interfaces/IBackstopVault.sol";
import {ICollateralEscrow} from "./interfaces/ICollateralEscrow.sol";
import {ILiquidationAdapter} from "./interfaces/ILiquidationAdapter.sol";
import {IMarketRegistry} from "./interfaces/IMarketRegistry.sol";
import {ISolverBonds} from "./interfaces/ISolverBonds.sol";
import {IMailbox} from "./interfaces/external/IMailbox.sol";
import {BoundedCall} from "./libraries/BoundedCall.sol";
import {Digests} from "./libraries/Digests.sol";
import {Landings} from "./libraries/Landings.sol";
import {Surplus} from "./libraries/Surplus.sol";
import {
    Attempt,
    Award,
    EscrowState,
    Fill,
    Intent,
    Landing,
    Order,
    OrderState,
    Quote,
    Standing,
    Terms
} from "./types/Types.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title The home side: lands awards, holds seized collateral, settles when payment is proven.
/// @notice A landing tries the ranked quotes in order. A local quote pays, liquidates and hands out in one transaction
/// (`Landings.liquidate`); a remote one is fronted by the vault and leaves an open order (`Landings.open`).
contract CollateralEscrow is ICollateralEscrow, MessageClient, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev Gas each collateral push may use; more than any sane ERC-20 transfer needs.
    uint256 private constant PUSH_GAS = 100_000;
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
        Attempt memory attempt = _admit(landing.intent);
        bytes32[] memory digests = _verify(landing, attempt.intentDigest);
        for (uint256 i; i < landing.quotes.length; ++i) {
            attempt.quote = landing.quotes[i].quote;
            attempt.quoteDigest = digests[i];
            address signer = ECDSA.recover(digests[i], landing.quotes[i].signature);
            Quote memory quote = attempt.quote;
            Standing standing = bonds.standing(quote.solver, signer, quote.payout, quote.epoch, landing.intent.quoteBy);
            // A key that never was the account's means a tampered signature; skipping it would let a lander pick the winner.
            if (standing == Standing.NeverRegistered) revert ForgedQuote(i, signer);

            bytes memory reason = _obstacle(attempt, standing);
            if (reason.length == 0) {
                bool local = attempt.quote.payDomain == localDomain;
                bool ok;
                (ok, reason) = BoundedCall.tryDelegate(
                    address(Landings),
                    attempt.terms.attemptGas,
                    abi.encodeWithSelector(
                        local ? Landings.liquidate.selector : Landings.open.selector, _slot(), attempt
                    )
                );
                if (ok) return (uint8(i + 1), local ? bytes32(0) : abi.decode(reason, (bytes32)));
            }
            emit PassedOver(attempt.intentDigest, digests[i], reason);
        }
    }

    /// @notice Answers payments: one message for any number of orders of one pay escrow. Anyone, any number of times.
    /// @param orderIds Orders that are settled, sold or refused; an open or unknown one has no verdict yet and reverts.
    function sendVerdicts(uint32 payDomain, address payEscrow, bytes32[] calldata orderIds)
        external
        payable
        nonReentrant
        returns (bytes32 messageId)
    {
        bool[] memory accepted = _verdicts(orderIds);
        messageId = _dispatch(payDomain, payEscrow, abi.encode(orderIds, accepted), orderIds.length);
        emit VerdictsSent(messageId, payDomain, orderIds, accepted);
    }

    /// @notice The native fee `sendVerdicts` needs now, in wei.
    function quoteVerdicts(uint32 payDomain, address payEscrow, bytes32[] calldata orderIds)
        external
        view
        returns (uint256 fee)
    {
        return _quote(payDomain, payEscrow, abi.encode(orderIds, _verdicts(orderIds)), orderIds.length);
    }

    /// @notice Gives a position its borrower's surplus back, as collateral where the protocol can. Anyone.
    /// @return amount Collateral units given back.
    function returnSurplus(bytes32 market, bytes calldata position, address collateral)
        external
        nonReentrant
        returns (uint256 amount)
    {
        bytes32 key = Digests.positionKey(market, position);
        amount = _state.surplusOf[key][collateral];
        if (amount == 0) revert NothingToReturn(key);
        _state.surplusOf[key][collateral] = 0;
        (Terms memory terms,) = registry.terms(market);
        IERC20(collateral).safeTransfer(terms.adapter, amount);
        ILiquidationAdapter(terms.adapter).returnSurplus(position, amount);
        emit SurplusReturned(key, collateral, amount);
    }

    /// @notice Pays the caller's credit of `token` to any address.
    function claim(address token, address to) external nonReentrant returns (uint256 amount) {
        if (to == address(0)) revert ZeroAddress();
        amount = _state.credits[token][msg.sender];
        if (amount == 0) revert NothingToClaim(token, msg.sender);
        _state.credits[token][msg.sender] = 0;
        IERC20(token).safeTransfer(to, amount);
        emit Claimed(token, msg.sender, to, amount);
    }

    /// @notice State of an order and the collateral units seized for it.
    function orders(bytes32 orderId) external view returns (OrderState state, uint128 seized) {
        return (_state.orders[orderId].state, _state.orders[orderId].seized);
    }

    /// @notice The next landing's round of a position.
    function rounds(bytes32 positionKey) external view returns (uint64) {
        return _state.rounds[positionKey];
    }

    /// @notice Borrower's surplus not yet given back to a position, collateral units.
    function surplusOf(bytes32 positionKey, address collateral) external view returns (uint256) {
        return _state.surplusOf[positionKey][collateral];
    }

    /// @notice What `account` may claim of `token`: a treasury's share of surplus, and pushes that failed.
    function credits(address token, address account) external view returns (uint256) {
        return _state.credits[token][account];
    }

    /// @dev Settles reported fills. An item is skipped for reasons of state alone, and idempotent.
    function _handle(uint32 origin, address sender, bytes calldata body) internal override nonReentrant {
        Fill[] memory fills = abi.decode(body, (Fill[]));
        for (uint256 i; i < fills.length; ++i) {
            Order memory order = fills[i].order;
            bytes32 id = Digests.orderId(order);
            if (
                order.payDomain != origin || order.payEscrow != sender || order.homeDomain != localDomain
                    || order.homeEscrow != address(this)
            ) {
                emit FillIgnored(id);
                continue;
            }
            OrderState state = _state.orders[id].state;
            if (state == OrderState.Open) {
                _settle(id, fills[i]);
            } else if (state == OrderState.None) {
                if (block.timestamp <= order.openBy) {
                    emit FillSkipped(id); // it may still open; the fill is to be reported again
                } else {
                    _state.orders[id].state = OrderState.Refused; // nothing opens after openBy, so this is final
                    emit FillRefused(id);
                }
            }
        }
    }

    function _settle(bytes32 id, Fill memory facts) private {
        Order memory order = facts.order;
        uint256 seized = _state.orders[id].seized;
        _state.orders[id].state = OrderState.Settled;
        bonds.unlock(order.solver, order.debt, order.bond);
        IBackstopVault(registry.debtTerms(order.market, order.debt).vault)
            .settle(order.market, uint256(order.repaid) + order.keeperFee, order.routeFee, order.payDomain);
        // The pay escrow never grants more than maxAsk, which the lot covers; the bound is kept here all the same.
        uint256 ask = Math.min(facts.ask, Math.min(order.maxAsk, seized));
        (address treasury, uint16 borrowerBps) = registry.splitAt(order.market, order.terms);
        Surplus.split(_state, order.market, order.positionKey, order.collateral, seized - ask, treasury, borrowerBps);
        emit Settled(id, order.positionKey, facts.beneficiary, ask, seized - ask);
        if (ask != 0 && !BoundedCall.tryTransfer(order.collateral, facts.beneficiary, ask, PUSH_GAS)) {
            Surplus.credit(_state, order.collateral, facts.beneficiary, ask);
        }
    }

    /// @dev Checks an intent against the rules and the protocol now, and derives what every attempt shares.
    function _admit(Intent calldata intent) private view returns (Attempt memory attempt) {
        if (intent.homeDomain != localDomain || intent.escrow != address(this)) {
            revert WrongHome(intent.homeDomain, intent.escrow);
        }
        if (intent.position.length > MAX_POSITION_BYTES) revert PositionTooLong(intent.position.length);
        bytes32 market = intent.market;
        (attempt.terms, attempt.version, attempt.debtTerms) =
            registry.landingRules(market, intent.collateral, intent.debt);
        _checkTimes(intent, attempt.terms);

        attempt.positionKey = Digests.positionKey(market, intent.position);
        uint64 round = _state.rounds[attempt.positionKey];
        if (intent.round != round) revert WrongRound(intent.round, round);
        (address collateral, address debt, uint256 allowed,, uint256 health) =
            ILiquidationAdapter(attempt.terms.adapter).assess(intent.position);
        if (collateral != intent.collateral || debt != intent.debt) revert WrongTokens(collateral, debt);
        if (allowed == 0) revert Healthy(health);
        attempt.repay = Math.min(intent.repay, allowed);
        if (attempt.repay < attempt.debtTerms.minRepay || attempt.repay == 0) {
            revert BelowMinimum(attempt.repay, attempt.debtTerms.minRepay);
        }

        attempt.intentDigest = Digests.digest(domainSeparator, Digests.hashIntent(intent));
        attempt.market = market;
        attempt.position = intent.position;
        attempt.collateral = collateral;
        attempt.debt = debt;
        attempt.lander = msg.sender;
        attempt.registry = address(registry);
        attempt.bonds = address(bonds);
        attempt.localDomain = localDomain;
        attempt.intentRepay = intent.repay;
        attempt.intentSeizable = intent.seizable;
        attempt.allowed = allowed;
        attempt.round = round;
        attempt.openBy = intent.openBy;
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

    /// @dev What stands against a quote before it is tried; empty when nothing does. Faults (money the account promised and
    /// does not have) are read here, never caught from the attempt.
    function _obstacle(Attempt memory attempt, Standing standing) private view returns (bytes memory) {
        Quote memory quote = attempt.quote;
        if (standing != Standing.Good) return abi.encodeWithSelector(NotStanding.selector, standing);
        if (quote.ask > attempt.intentSeizable) {
            return abi.encodeWithSelector(AskAboveSeizable.selector, quote.ask, attempt.intentSeizable);
        }
        if (quote.payDomain == localDomain) {
            uint256 needed = attempt.repay + attempt.debtTerms.keeperFee;
            uint256 balance = IERC20(attempt.debt).balanceOf(quote.solver);
            uint256 allowance = IERC20(attempt.debt).allowance(quote.solver, address(this));
            if (balance < needed || allowance < needed) {
                return abi.encodeWithSelector(PaymentUnavailable.selector, balance, allowance, needed);
            }
        } else {
            (uint256 bond,) = Landings.bondFor(attempt, attempt.repay);
            uint256 free = bonds.freeOf(quote.solver, attempt.debt);
            if (free < bond) return abi.encodeWithSelector(BondUnavailable.selector, free, bond);
        }
        return "";
    }

    function _verdicts(bytes32[] calldata orderIds) private view returns (bool[] memory accepted) {
        accepted = new bool[](orderIds.length);
        for (uint256 i; i < orderIds.length; ++i) {
            OrderState state = _state.orders[orderIds[i]].state;
            if (state == OrderState.None || state == OrderState.Open) revert NoVerdict(orderIds[i], state);
            accepted[i] = state == OrderState.Settled;
        }
    }

    /// @dev Where the library finds this contract's state.
    function _slot() private pure returns (uint256 slot) {
        assembly ("memory-safe") {
            slot := _state.slot
        }
    }
}
