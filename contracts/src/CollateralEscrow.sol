// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IBackstopVault} from "./interfaces/IBackstopVault.sol";
import {ILiquidationAdapter} from "./interfaces/ILiquidationAdapter.sol";
import {IMarketRegistry} from "./interfaces/IMarketRegistry.sol";
import {ISolverBonds} from "./interfaces/ISolverBonds.sol";
import {IMailbox} from "./interfaces/external/IMailbox.sol";
import {Amounts} from "./libraries/Amounts.sol";
import {BoundedCall} from "./libraries/BoundedCall.sol";
import {Digests} from "./libraries/Digests.sol";
import {MessageClient} from "./MessageClient.sol";
import {
    Award,
    DebtTerms,
    Fill,
    Intent,
    Landing,
    Order,
    OrderState,
    Quote,
    Route,
    Standing,
    Terms
} from "./types/Types.sol";

/// @title The home side: lands awards, holds seized collateral, settles when payment is proven.
/// @notice A landing tries the ranked quotes in order. A local quote pays, liquidates and hands out in one transaction
/// (`liquidate`); a remote one is fronted by the vault and leaves an open order (`open`).
contract CollateralEscrow is MessageClient, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @dev Gas each collateral push may use; more than any sane ERC-20 transfer needs.
    uint256 private constant PUSH_GAS = 100_000;
    uint256 private constant MAX_POSITION_BYTES = 256;
    uint256 private constant MAX_RANKED = 3;

    /// @notice What one quote's attempt works on: derived once per landing, passed to the escrow's own `liquidate` or `open`.
    struct Attempt {
        Quote quote;
        bytes32 quoteDigest;
        bytes32 intentDigest;
        bytes32 market;
        bytes32 positionKey;
        bytes position;
        address collateral;
        address debt;
        address lander;
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
        uint128 seized;
    }

    struct Usage {
        uint128 used; // debt units
        uint64 at; // Unix seconds
    }

    IMarketRegistry public immutable registry;
    ISolverBonds public immutable bonds;
    /// @notice EIP-712 domain separator of everything signed for this escrow.
    bytes32 public immutable domainSeparator;

    mapping(bytes32 orderId => OrderRecord) public orders;
    /// @notice The next landing's round of a position.
    mapping(bytes32 positionKey => uint64) public rounds;
    /// @notice Borrower's surplus not yet given back, collateral units.
    mapping(bytes32 positionKey => mapping(address collateral => uint256)) public surplusOf;
    /// @notice Claimable amounts: the treasury's share, and pushes that failed.
    mapping(address token => mapping(address account => uint256)) public credits;
    mapping(bytes32 market => mapping(address debt => Usage)) private _usage;

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
    event FillIgnored(bytes32 indexed orderId);
    event FillSkipped(bytes32 indexed orderId);
    event FillRefused(bytes32 indexed orderId);
    event VerdictsSent(bytes32 indexed messageId, uint32 indexed payDomain, bytes32[] orderIds, bool[] accepted);
    event Credited(address indexed token, address indexed account, uint256 amount);
    event Claimed(address indexed token, address indexed account, address to, uint256 amount);

    // The landing as a whole is refused:
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
    error NotStanding(Standing standing);
    error BondUnavailable(uint256 free, uint256 needed);
    error AskAboveSeizable(uint256 ask, uint256 seizable);
    error AskAboveSeized(uint256 ask, uint256 seized);
    error LotTooSmall(uint256 seized, uint256 maxAsk);
    error RouteDisabled(uint32 payDomain);
    error RepaidTooLittle(uint256 repaid, uint256 least);
    error RepaidCapExceeded(uint256 used, uint256 cap);
    error AdapterMisreported(uint256 reported, uint256 measured);
    error OrderExists(bytes32 orderId);
    error OnlySelf();
    // Elsewhere:
    error NothingToReturn(bytes32 positionKey);
    error NothingToClaim(address token, address account);
    error ZeroAddress();
    error NoVerdict(bytes32 orderId, OrderState state);

    modifier onlySelf() {
        if (msg.sender != address(this)) revert OnlySelf();
        _;
    }

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
            Standing standing =
                bonds.standing(quote.solver, signer, quote.payout, quote.epoch, landing.intent.quoteBy);
            // A key that never was the account's means a tampered signature; skipping it would let a lander pick the winner.
            if (standing == Standing.NeverRegistered) revert ForgedQuote(i, signer);

            bytes memory reason = _obstacle(attempt, standing);
            if (reason.length == 0) {
                bool local = attempt.quote.payDomain == localDomain;
                bool ok;
                (ok, reason) = BoundedCall.tryCall(
                    address(this),
                    attempt.terms.attemptGas,
                    local ? abi.encodeCall(this.liquidate, (attempt)) : abi.encodeCall(this.open, (attempt))
                );
                if (ok) return (uint8(i + 1), local ? bytes32(0) : abi.decode(reason, (bytes32)));
            }
            emit PassedOver(attempt.intentDigest, digests[i], reason);
        }
    }

    /// @notice One attempt of a local quote: payment in, liquidation, collateral out. Called by `land` only.
    function liquidate(Attempt memory attempt) external onlySelf {
        rounds[attempt.positionKey] = attempt.round + 1;
        address solver = attempt.quote.solver;
        IERC20(attempt.debt).safeTransferFrom(solver, attempt.terms.adapter, attempt.repay);
        if (attempt.debtTerms.keeperFee != 0) {
            IERC20(attempt.debt).safeTransferFrom(solver, attempt.lander, attempt.debtTerms.keeperFee);
        }
        (uint256 repaid, uint256 seized) = _seize(attempt, attempt.quote.ask);
        if (repaid < attempt.repay) IERC20(attempt.debt).safeTransfer(solver, attempt.repay - repaid);

        uint256 ask = Amounts.proRataAsk(attempt.quote.ask, repaid, attempt.intentRepay);
        if (ask > seized) revert AskAboveSeized(ask, seized);
        _split(
            attempt.market,
            attempt.positionKey,
            attempt.collateral,
            seized - ask,
            attempt.terms.treasury,
            attempt.terms.borrowerBps
        );
        if (ask != 0) IERC20(attempt.collateral).safeTransfer(attempt.quote.payout, ask);
        emit Liquidated(
            attempt.intentDigest, attempt.quoteDigest, attempt.positionKey, solver, repaid, seized, ask
        );
    }

    /// @notice One attempt of a remote quote: the vault fronts, the lot stays here, the bond is locked. Called by `land` only.
    function open(Attempt memory attempt) external onlySelf returns (bytes32 orderId) {
        Route memory route = registry.route(attempt.market, attempt.debt, attempt.quote.payDomain);
        if (!route.enabled) revert RouteDisabled(attempt.quote.payDomain);
        rounds[attempt.positionKey] = attempt.round + 1;

        IBackstopVault vault = IBackstopVault(attempt.debtTerms.vault);
        vault.front(
            attempt.market,
            attempt.debtTerms.capPrincipal,
            attempt.terms.adapter,
            attempt.repay,
            attempt.lander,
            attempt.debtTerms.keeperFee
        );
        (uint256 repaid, uint256 seized) = _seize(attempt, attempt.intentSeizable);
        if (repaid < attempt.repay) {
            IERC20(attempt.debt).safeTransfer(address(vault), attempt.repay - repaid);
            vault.giveBack(attempt.market, attempt.repay - repaid);
        }

        Order memory order = _order(attempt, route, repaid);
        if (seized < order.maxAsk) revert LotTooSmall(seized, order.maxAsk);
        orderId = Digests.orderId(order);
        if (orders[orderId].state != OrderState.None) revert OrderExists(orderId);
        orders[orderId] = OrderRecord(OrderState.Open, seized.toUint128());
        bonds.lock(order.solver, attempt.debt, order.bond);
        emit Opened(orderId, attempt.intentDigest, attempt.positionKey, seized, order);
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
        amount = surplusOf[key][collateral];
        if (amount == 0) revert NothingToReturn(key);
        surplusOf[key][collateral] = 0;
        (Terms memory terms,) = registry.terms(market);
        IERC20(collateral).safeTransfer(terms.adapter, amount);
        ILiquidationAdapter(terms.adapter).returnSurplus(position, amount);
        emit SurplusReturned(key, collateral, amount);
    }

    /// @notice Pays the caller's credit of `token` to any address.
    function claim(address token, address to) external nonReentrant returns (uint256 amount) {
        if (to == address(0)) revert ZeroAddress();
        amount = credits[token][msg.sender];
        if (amount == 0) revert NothingToClaim(token, msg.sender);
        credits[token][msg.sender] = 0;
        IERC20(token).safeTransfer(to, amount);
        emit Claimed(token, msg.sender, to, amount);
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
            OrderState state = orders[id].state;
            if (state == OrderState.Open) {
                _settle(id, fills[i]);
            } else if (state == OrderState.None) {
                if (block.timestamp <= order.openBy) {
                    emit FillSkipped(id); // it may still open; the fill is to be reported again
                } else {
                    orders[id].state = OrderState.Refused; // nothing opens after openBy, so this is final
                    emit FillRefused(id);
                }
            }
        }
    }

    function _settle(bytes32 id, Fill memory facts) private {
        Order memory order = facts.order;
        uint256 seized = orders[id].seized;
        orders[id].state = OrderState.Settled;
        bonds.unlock(order.solver, order.debt, order.bond);
        IBackstopVault(registry.debtTerms(order.market, order.debt).vault).settle(
            order.market, uint256(order.repaid) + order.keeperFee, order.routeFee, order.payDomain
        );
        // The pay escrow never grants more than maxAsk, which the lot covers; the bound is kept here all the same.
        uint256 ask = Math.min(facts.ask, Math.min(order.maxAsk, seized));
        (address treasury, uint16 borrowerBps) = registry.splitAt(order.market, order.terms);
        _split(order.market, order.positionKey, order.collateral, seized - ask, treasury, borrowerBps);
        emit Settled(id, order.positionKey, facts.beneficiary, ask, seized - ask);
        if (ask != 0 && !BoundedCall.tryTransfer(order.collateral, facts.beneficiary, ask, PUSH_GAS)) {
            _credit(order.collateral, facts.beneficiary, ask);
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
        uint64 round = rounds[attempt.positionKey];
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
            domainSeparator,
            Digests.hashAward(Award(intentDigest, landing.attempt, digests[0], digests[1], digests[2]))
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
            (uint256 bond,) = _bondFor(attempt, attempt.repay);
            uint256 free = bonds.freeOf(quote.solver, attempt.debt);
            if (free < bond) return abi.encodeWithSelector(BondUnavailable.selector, free, bond);
        }
        return "";
    }

    /// @dev Liquidates with `attempt.repay` debt units already at the adapter, and trusts measured balances only.
    function _seize(Attempt memory attempt, uint256 wanted) private returns (uint256 repaid, uint256 seized) {
        IERC20 collateral = IERC20(attempt.collateral);
        IERC20 debt = IERC20(attempt.debt);
        uint256 collateralBefore = collateral.balanceOf(address(this));
        uint256 debtBefore = debt.balanceOf(address(this));
        (uint256 reported,) =
            ILiquidationAdapter(attempt.terms.adapter).liquidate(attempt.position, attempt.repay, wanted, address(this));
        seized = collateral.balanceOf(address(this)) - collateralBefore;
        uint256 returned = debt.balanceOf(address(this)) - debtBefore;
        if (returned > attempt.repay || reported != attempt.repay - returned) {
            revert AdapterMisreported(reported, returned);
        }
        repaid = reported;
        uint256 least = Amounts.partUp(attempt.allowed, attempt.terms.minPartBps);
        if (repaid < least || repaid == 0) revert RepaidTooLittle(repaid, least);
        _useCap(attempt, repaid);
    }

    /// @dev Repaid per rolling window, as a bucket that empties evenly over the window.
    function _useCap(Attempt memory attempt, uint256 repaid) private {
        Usage storage usage = _usage[attempt.market][attempt.debt];
        uint256 cap = attempt.debtTerms.capRepaid;
        uint256 drained = attempt.terms.capWindow == 0
            ? cap
            : Math.mulDiv(cap, block.timestamp - usage.at, attempt.terms.capWindow);
        uint256 used = Math.saturatingSub(usage.used, drained) + repaid;
        if (used > cap) revert RepaidCapExceeded(used, cap);
        usage.used = used.toUint128();
        usage.at = uint64(block.timestamp);
    }

    function _order(Attempt memory attempt, Route memory route, uint256 repaid)
        private
        view
        returns (Order memory order)
    {
        uint8 decimals = IERC20Metadata(attempt.debt).decimals();
        uint256 routeFee = Amounts.partUp(repaid, route.feeBps);
        uint256 payment = repaid + attempt.debtTerms.keeperFee + routeFee;
        (uint256 bond, uint256 latePenalty) = _bondFor(attempt, repaid);

        order.intent = attempt.intentDigest;
        order.quote = attempt.quoteDigest;
        order.market = attempt.market;
        order.positionKey = attempt.positionKey;
        order.homeDomain = localDomain;
        order.homeEscrow = address(this);
        order.payDomain = attempt.quote.payDomain;
        order.payEscrow = route.payEscrow;
        order.collateral = attempt.collateral;
        order.debt = attempt.debt;
        order.payToken = route.payToken;
        order.treasury = route.treasury;
        order.solver = attempt.quote.solver;
        order.payout = attempt.quote.payout;
        order.terms = attempt.version;
        order.repaid = repaid.toUint128();
        order.keeperFee = attempt.debtTerms.keeperFee;
        order.routeFee = routeFee.toUint128();
        order.payAmount = Amounts.scaleUp(payment, decimals, route.payDecimals).toUint128();
        (uint256 ask, uint256 maxAsk,) = _asks(attempt, repaid);
        order.ask = ask.toUint128();
        order.maxAsk = maxAsk.toUint128();
        order.bond = bond.toUint128();
        order.latePenalty = latePenalty.toUint128();
        order.openBy = attempt.openBy;
        order.exclusiveUntil = attempt.openBy + attempt.terms.exclusivity + attempt.terms.clockSkew;
        order.fillDeadline = order.exclusiveUntil + attempt.terms.fillWindow;
        order.expiresAt = order.fillDeadline + attempt.terms.proofWindow;
    }

    /// @dev Winner's ask, highest ask of the public phase, and the seizable amount they are parts of; collateral units.
    function _asks(Attempt memory attempt, uint256 repaid)
        private
        pure
        returns (uint256 ask, uint256 maxAsk, uint256 seizable)
    {
        ask = Amounts.proRataAsk(attempt.quote.ask, repaid, attempt.intentRepay);
        seizable = Amounts.proRataSeizable(attempt.intentSeizable, repaid, attempt.intentRepay);
        maxAsk = Math.max(ask, Amounts.part(seizable, attempt.terms.maxAskBps));
    }

    /// @dev Debt units: the larger of the stress move and the late penalty at the highest ask.
    function _bondFor(Attempt memory attempt, uint256 repaid) private pure returns (uint256 bond, uint256 latePenalty) {
        (uint256 ask, uint256 maxAsk, uint256 seizable) = _asks(attempt, repaid);
        latePenalty = Amounts.latePenalty(
            repaid,
            Math.max(seizable, 1),
            maxAsk - ask,
            attempt.terms.lateBountyBps,
            attempt.terms.bonusBps
        );
        bond = Math.max(Amounts.partUp(repaid, attempt.terms.stressBps), latePenalty);
    }

    /// @dev Splits exactly; the remainder of the rounding is the borrower's.
    function _split(
        bytes32 market,
        bytes32 positionKey,
        address collateral,
        uint256 surplus,
        address treasury,
        uint16 borrowerBps
    ) private {
        if (surplus == 0) return;
        uint256 toTreasury = Amounts.part(surplus, Amounts.BPS - borrowerBps);
        surplusOf[positionKey][collateral] += surplus - toTreasury;
        if (toTreasury != 0) _credit(collateral, treasury, toTreasury);
        emit SurplusCredited(positionKey, market, collateral, surplus - toTreasury, toTreasury);
    }

    function _credit(address token, address account, uint256 amount) private {
        credits[token][account] += amount;
        emit Credited(token, account, amount);
    }

    function _verdicts(bytes32[] calldata orderIds) private view returns (bool[] memory accepted) {
        accepted = new bool[](orderIds.length);
        for (uint256 i; i < orderIds.length; ++i) {
            OrderState state = orders[orderIds[i]].state;
            if (state == OrderState.None || state == OrderState.Open) revert NoVerdict(orderIds[i], state);
            accepted[i] = state == OrderState.Settled;
        }
    }
}
