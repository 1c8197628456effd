// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Order, OrderState, QuoteStatus} from "../types/Types.sol";
import {IEscrowLock} from "./IEscrowLock.sol";

/// @title Events and errors of a collateral escrow.
interface ICollateralEscrow is IEscrowLock {
    event Liquidated(
        bytes32 indexed intent,
        bytes32 indexed quote,
        bytes32 indexed positionKey,
        address solver,
        uint256 repaid,
        uint256 seized,
        uint256 ask
    );
    event Opened(
        bytes32 indexed orderId, bytes32 indexed intent, bytes32 indexed positionKey, uint256 seized, Order order
    );
    event PassedOver(bytes32 indexed intent, bytes32 indexed quote, bytes reason);
    event LandingSkipped(uint256 indexed index, bytes reason);
    event Faded(bytes32 indexed intent, address indexed solver, bytes32 indexed quote, uint256 forfeited);
    event Settled(
        bytes32 indexed orderId, bytes32 indexed positionKey, address beneficiary, uint256 ask, uint256 surplus
    );
    event SurplusCredited(
        bytes32 indexed positionKey,
        bytes32 indexed market,
        address indexed collateral,
        uint256 toBorrower,
        uint256 toTreasury
    );
    event SurplusReturned(bytes32 indexed positionKey, address indexed collateral, uint256 amount);
    event FillSkipped(bytes32 indexed orderId);
    event FillRefused(bytes32 indexed orderId);
    event BondHeld(
        bytes32 indexed orderId, address indexed solver, uint256 amount, uint64 readyAt, address indexed bountyTo
    );
    event BondFreed(bytes32 indexed orderId, address indexed solver, uint256 amount);
    event BondForfeited(
        bytes32 indexed orderId, address indexed solver, uint256 amount, uint256 bounty, address indexed bountyTo
    );
    event Expired(bytes32 indexed orderId, bytes32 indexed positionKey, uint256 debt, uint256 floor, uint64 restUntil);
    event Sold(
        bytes32 indexed orderId,
        bytes32 indexed positionKey,
        address indexed buyer,
        address recipient,
        uint256 lot,
        uint256 price,
        uint256 surplus
    );
    event Flagged(
        bytes32 indexed positionKey, bytes32 indexed market, bytes position, uint64 takeableFrom, uint64 lapsesAt
    );
    event FlagCleared(bytes32 indexed positionKey);
    event Taken(
        bytes32 indexed positionKey,
        bytes32 indexed market,
        address indexed taker,
        address recipient,
        uint256 repaid,
        uint256 seized,
        uint256 lot
    );
    event VerdictsSent(bytes32 indexed messageId, uint32 indexed payDomain, bytes32[] orderIds, uint64 accepted);
    event Credited(address indexed token, address indexed account, uint256 amount);
    event Claimed(address indexed token, address indexed account, address to, uint256 amount);

    // The landing as a whole is refused:
    error RulesChanged(uint64 quoteBy, uint64 freshFrom);
    error WrongHome(uint32 homeDomain, address escrow);
    error PositionTooLong(uint256 length);
    error NotASlot(uint64 observedBlock, uint32 slot);
    error NotObserved(uint64 observedBlock);
    error WrongRound(uint64 got, uint64 expected);
    error WrongOpenBy(uint64 got, uint64 expected);
    error OutsideWindow(uint64 openBy, uint256 now_);
    error WrongTokens(address collateral, address debt);
    error BelowMinimum(uint256 repay, uint256 minimum);
    error Healthy(uint256 health);
    error WrongQuoteCount(uint256 count);
    error WrongIntentCited(uint256 index, bytes32 cited);
    error ForgedQuote(uint256 index, address signer);
    // One quote is passed over, for a fault of its account or unpunished:
    error PaymentUnavailable(uint256 balance, uint256 allowance, uint256 needed);
    error QuoteRefused(QuoteStatus status);
    error BondUnavailable(uint256 free, uint256 needed);
    error AskAboveSeizable(uint256 ask, uint256 seizable);
    error AskAboveSeized(uint256 ask, uint256 seized);
    error LotTooSmall(uint256 seized, uint256 maxAsk);
    error RouteDisabled(uint32 payDomain);
    error RepaidTooLittle(uint256 repaid, uint256 least);
    error RepaidCapExceeded(uint256 used, uint256 cap);
    error AdapterMisreported(uint256 reported, uint256 measured);
    error OrderExists(bytes32 orderId);
    // Elsewhere:
    error NothingToReturn(bytes32 positionKey);
    error NothingToClaim(address token, address account);
    error ZeroAddress();
    error NoVerdict(bytes32 orderId, OrderState state);
    error OnlyItself();
    error MalformedReport(uint256 length);
    error NotOpen(bytes32 orderId, OrderState state);
    error NotExpiredYet(uint64 expiresAt);
    error NotOnSale(bytes32 orderId, OrderState state);
    error LotBelowLeast(uint256 lot, uint256 least);
    error PriceAboveMost(uint256 price, uint256 most);
    error UnexpectedAmount(uint256 received, uint256 expected);
    error NothingHeld(bytes32 orderId);
    error HeldUntil(uint64 readyAt);
    error AlreadyFlagged(bytes32 positionKey, uint64 lapsesAt);
    error NotFlagged(bytes32 positionKey);
    error NotTakeableYet(uint64 takeableFrom);
    error FlagLapsed(uint64 lapsedAt);
    error StillUnhealthy(uint256 health);
}
