// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MessageClient} from "./MessageClient.sol";
import {IBridge} from "./interfaces/IBridge.sol";
import {IMailbox} from "./interfaces/external/IMailbox.sol";
import {Digests} from "./libraries/Digests.sol";
import {Lots} from "./libraries/Lots.sol";
import {Bill, Lane, OrderParts, Payment} from "./libraries/OrderParts.sol";
import {Fill, Order, PaymentState} from "./types/Types.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @title The pay side: holds solvers' payments until the home chain's verdict.
/// @notice A payment moves by the verdict of the home escrow that its order names, and never by time or by an
/// administrator. Each payment uses one slot: a state, a tag of its home, and a hash of the fill's facts.
contract RepaymentEscrow is MessageClient, ReentrancyGuardTransient {
    using OrderParts for Bill;
    using OrderParts for Lane;
    using OrderParts for Payment;
    using SafeERC20 for IERC20;

    /// @dev In the argument of `report`, each payment follows its payer. The payment's hash covers the payer, whom home
    /// need not know.
    uint256 private constant PAYER_BYTES = 20;
    uint256 private constant STATE_BITS = 3;
    uint256 private constant STATE_MASK = 2 ** STATE_BITS - 1;
    uint256 private constant TAG_BITS = 93;
    /// @dev 93 bits of the home's hash are kept: another home of the same tag costs 2^93 addresses. 160 bits of the
    /// facts' hash: two sets of facts for one fill cost 2^80 hashes within the fill's own second.
    uint256 private constant HASH_SHIFT = STATE_BITS + TAG_BITS;

    /// @dev state (3) | tag of the home (93) | hash of the facts (160)
    mapping(bytes32 orderId => uint256 packed) private _payments;

    event Filled(bytes32 indexed orderId, address indexed payer, address beneficiary, uint128 ask, uint64 filledAt);
    event Reported(bytes32 indexed messageId, uint32 indexed homeDomain, bytes32[] orderIds);
    event VerdictReceived(bytes32 indexed orderId, bool accepted);
    event VerdictIgnored(bytes32 indexed orderId);
    event Released(bytes32 indexed orderId, address token, address treasury, uint256 amount);
    event Bridged(address indexed bridge, bytes32 indexed transferId, uint32 domain, address recipient, uint256 amount);
    event Refunded(bytes32 indexed orderId, address token, address payer, uint256 amount);

    error MalformedOrder();
    error WrongOrderId(bytes32 got, bytes32 computed);
    error AlreadyFilled(bytes32 orderId);
    error FillDeadlinePassed(uint64 fillDeadline);
    error ExclusiveUntil(uint64 exclusiveUntil);
    error AskBelowLeast(uint256 ask, uint256 least);
    error ZeroAddress();
    error UnexpectedAmount(uint256 received, uint256 expected);
    error NoFills();
    error MalformedPayments(uint256 length);
    error MalformedVerdicts(uint256 length);
    error UnknownFill(bytes32 orderId);
    error MixedRoutes();
    error NothingToRelease();
    error WrongState(bytes32 orderId, PaymentState state);

    constructor(IMailbox mailbox_, address authority) MessageClient(mailbox_) AccessManaged(authority) {}

    /// @notice Pays an order in full. ERC-7683's shape.
    /// @dev Until `exclusiveUntil` anyone may pay, at the winner's ask and to the winner's payout; after it, anyone may
    /// pay for themselves, and the ask rises linearly to `maxAsk` at `fillDeadline`.
    /// @param orderId See `OrderParts`.
    /// @param originData The order's bill, as `OrderParts` lays it out: what a payer needs of it, with hashes of the
    /// rest. It names neither this chain nor this contract, so a bill of another pay escrow has another id here.
    /// @param fillerData abi.encode(address beneficiary, uint128 leastAsk): who receives the collateral at home, and
    /// the least of it the caller accepts. Empty: the caller, at the same address there, and the winner's ask.
    function fill(bytes32 orderId, bytes calldata originData, bytes calldata fillerData) external nonReentrant {
        if (originData.length != OrderParts.BILL_BYTES) revert MalformedOrder();
        Bill bill = _billOf(originData);
        bytes32 computed = bill.idOf(localDomain, address(this));
        if (computed != orderId) revert WrongOrderId(orderId, computed);
        if (_payments[orderId] != 0) revert AlreadyFilled(orderId);

        (address beneficiary, uint128 ask) = _termsNow(bill, fillerData);
        bytes32 hash = _factsHash(orderId, msg.sender, beneficiary, ask, uint64(block.timestamp));
        uint256 tag = _tagOf(bill.homeDomain(), bill.homeEscrow());
        _payments[orderId] = uint256(hash) << HASH_SHIFT | tag << STATE_BITS | uint256(PaymentState.Filled);

        IERC20 token = IERC20(bill.payToken());
        uint256 amount = bill.payAmount();
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != amount) revert UnexpectedAmount(received, amount);
        emit Filled(orderId, msg.sender, beneficiary, ask, uint64(block.timestamp));
    }

    /// @notice Proves payments home: one message for any number of fills of one home escrow. Anyone, any number of
    /// times.
    /// @param homeDomain Where the orders are from, all of them.
    /// @param runs Payments as `OrderParts` lays them out, each with its payer (20 bytes) before it. Each order
    /// that this settles earns the caller's address at home the reimbursement that the vault reserved for it.
    /// @return messageId Hyperlane's id of the message.
    function report(uint32 homeDomain, address homeEscrow, bytes calldata runs)
        external
        payable
        nonReentrant
        returns (bytes32 messageId)
    {
        (bytes memory body, bytes32[] memory ids) = _prove(homeDomain, homeEscrow, runs);
        messageId = _dispatch(homeDomain, homeEscrow, body, ids.length);
        emit Reported(messageId, homeDomain, ids);
    }

    /// @notice The native fee `report` needs now, in wei.
    function quoteReport(uint32 homeDomain, address homeEscrow, bytes calldata runs)
        external
        view
        returns (uint256 fee)
    {
        (bytes memory body, bytes32[] memory ids) = _prove(homeDomain, homeEscrow, runs);
        return _quote(homeDomain, homeEscrow, body, ids.length);
    }

    /// @notice Sends an accepted payment to the vault: to the order's treasury on this chain, or over the order's
    /// bridge. Anyone; the caller pays the bridge's fee (`quoteRelease`) and gets the excess back. If the bridge
    /// refuses, the call reverts and the payment can be released later.
    function release(Fill calldata facts) external payable nonReentrant {
        (bytes32 id, uint256 packed) = _check(facts);
        if (_stateOf(packed) != PaymentState.Accepted) revert WrongState(id, _stateOf(packed));
        _markReleased(id, packed, facts.order);
        _send(facts.order, facts.order.payAmount);
    }

    /// @notice Sends many accepted payments of one route in one transfer, for one fee. Anyone.
    /// @dev Skips a payment that is not accepted, or no longer: another account may have released it before.
    /// @return amount Pay token units sent.
    function releaseMany(Fill[] calldata fills) external payable nonReentrant returns (uint256 amount) {
        if (fills.length == 0) revert NoFills();
        for (uint256 i; i < fills.length; ++i) {
            if (!_sameRoute(fills[0].order, fills[i].order)) revert MixedRoutes();
            (bytes32 id, uint256 packed) = _check(fills[i]);
            if (_stateOf(packed) != PaymentState.Accepted) continue;
            amount += fills[i].order.payAmount;
            _markReleased(id, packed, fills[i].order);
        }
        if (amount == 0) revert NothingToRelease();
        _send(fills[0].order, amount);
    }

    /// @notice The native fee `release` or `releaseMany` needs now for payments of one route, in wei.
    /// @dev The order's bridge names the fee: call this only for orders of a trusted home escrow.
    function quoteRelease(Fill[] calldata fills) external view returns (uint256 fee) {
        if (fills.length == 0) revert NoFills();
        Order calldata order = fills[0].order;
        if (order.bridge == address(0)) return 0;
        uint256 amount;
        for (uint256 i; i < fills.length; ++i) {
            if (!_sameRoute(order, fills[i].order)) revert MixedRoutes();
            amount += fills[i].order.payAmount;
        }
        return IBridge(order.bridge).quote(order.payToken, amount, order.homeDomain, order.treasury);
    }

    /// @notice Sends a refused payment back to its payer. Anyone.
    function refund(Fill calldata facts) external nonReentrant {
        (bytes32 id, uint256 packed) = _check(facts);
        if (_stateOf(packed) != PaymentState.Refused) revert WrongState(id, _stateOf(packed));
        _payments[id] = _withState(packed, PaymentState.Refunded);
        IERC20(facts.order.payToken).safeTransfer(facts.payer, facts.order.payAmount);
        emit Refunded(id, facts.order.payToken, facts.payer, facts.order.payAmount);
    }

    /// @notice The state of a payment; None when the order was never filled here.
    function payments(bytes32 orderId) external view returns (PaymentState) {
        return _stateOf(_payments[orderId]);
    }

    /// @dev Verdicts: accepted 8 ‖ orderId 32 ‖ orderId …, the first id's answer in the lowest bit of `accepted`. An
    /// item changes nothing if its payment is of another home or was answered before; the message's other items are
    /// processed.
    function _handle(uint32 origin, address sender, bytes calldata body) internal override {
        uint256 count = body.length / 32;
        if (body.length != 8 + count * 32 || count > MAX_ITEMS) revert MalformedVerdicts(body.length);
        uint256 accepted = uint64(bytes8(body[:8]));
        uint256 tag = _tagOf(origin, sender);
        for (uint256 i; i < count; ++i) {
            bytes32 id = bytes32(body[8 + i * 32:]);
            uint256 packed = _payments[id];
            if (_stateOf(packed) != PaymentState.Filled || packed << 256 - HASH_SHIFT >> 256 - TAG_BITS != tag) {
                emit VerdictIgnored(id);
                continue;
            }
            bool yes = accepted >> i & 1 == 1;
            _payments[id] = _withState(packed, yes ? PaymentState.Accepted : PaymentState.Refused);
            emit VerdictReceived(id, yes);
        }
    }

    function _markReleased(bytes32 id, uint256 packed, Order calldata order) private {
        _payments[id] = _withState(packed, PaymentState.Released);
        emit Released(id, order.payToken, order.treasury, order.payAmount);
    }

    /// @dev Called after all states are written; if the bridge refuses, the revert undoes them too. Tokens are pushed
    /// to the bridge and never approved, so the bridge can reach at most `amount`.
    function _send(Order calldata order, uint256 amount) private {
        uint256 fee;
        if (order.bridge == address(0)) {
            IERC20(order.payToken).safeTransfer(order.treasury, amount);
        } else {
            IBridge bridge = IBridge(order.bridge);
            fee = bridge.quote(order.payToken, amount, order.homeDomain, order.treasury);
            if (msg.value < fee) revert FeeTooLow(msg.value, fee);
            IERC20(order.payToken).safeTransfer(order.bridge, amount);
            bytes32 transferId = bridge.transfer{value: fee}(order.payToken, amount, order.homeDomain, order.treasury);
            emit Bridged(order.bridge, transferId, order.homeDomain, order.treasury, amount);
        }
        if (msg.value > fee) Address.sendValue(payable(msg.sender), msg.value - fee);
    }

    function _sameRoute(Order calldata one, Order calldata other) private pure returns (bool) {
        return one.payToken == other.payToken && one.bridge == other.bridge && one.treasury == other.treasury
            && one.homeDomain == other.homeDomain;
    }

    /// @dev A report's items settle whole orders at home: more gas than a verdict's.
    function _gasFor(uint256 items) internal pure override returns (uint256) {
        return HANDLE_BASE_GAS + items * HANDLE_ITEM_GAS;
    }

    /// @dev The beneficiary of a payment made now, and the collateral units owed for it.
    function _termsNow(Bill bill, bytes calldata fillerData) private view returns (address beneficiary, uint128 ask) {
        uint128 least;
        // ERC-7683 allows empty filler data. The filler then fills for itself, at no less than the winner's ask.
        (beneficiary, least) =
            fillerData.length == 0 ? (msg.sender, bill.ask()) : abi.decode(fillerData, (address, uint128));
        if (beneficiary == address(0)) revert ZeroAddress();
        ask = bill.ask();
        uint64 exclusiveUntil = bill.exclusiveUntil();
        uint64 fillDeadline = bill.fillDeadline();
        if (block.timestamp > fillDeadline) revert FillDeadlinePassed(fillDeadline);
        if (block.timestamp <= exclusiveUntil) {
            if (beneficiary != bill.payout()) revert ExclusiveUntil(exclusiveUntil);
        } else {
            // forge-lint: disable-next-line(unsafe-typecast)
            ask = uint128(Lots.risingAsk(ask, bill.maxAsk(), exclusiveUntil, fillDeadline, block.timestamp)); // at most maxAsk
        }
        if (ask < least) revert AskBelowLeast(ask, least);
    }

    /// @dev Checks that each of these payments was made here, for an order of that home escrow.
    /// @return body The report: the payments without their payers, and the caller before all of them.
    function _prove(uint32 homeDomain, address homeEscrow, bytes calldata runs)
        private
        view
        returns (bytes memory body, bytes32[] memory ids)
    {
        (bool wellFormed, uint256 count) = OrderParts.count(runs, PAYER_BYTES + OrderParts.PAYMENT_BYTES);
        if (!wellFormed) revert MalformedPayments(runs.length);
        if (count == 0) revert NoFills();
        ids = new bytes32[](count);
        body = new bytes(OrderParts.REPORTER_BYTES + runs.length - count * PAYER_BYTES);
        bytes memory desk = OrderParts.desk(homeDomain, homeEscrow, localDomain, address(this));
        uint256 from;
        uint256 to;
        assembly ("memory-safe") {
            mstore(add(body, 32), shl(96, caller()))
            from := runs.offset
            to := add(body, 52)
        }
        // `count` found every run and payment within `runs`.
        unchecked {
            for (uint256 done; done < count;) {
                OrderParts.lay(desk, Lane.wrap(from));
                uint256 end = done + Lane.wrap(from).length();
                (from, to) = _copy(from, to, OrderParts.RUN_BYTES);
                for (; done < end; ++done) {
                    ids[done] = _proveOne(desk, from);
                    (from, to) = _copy(from + PAYER_BYTES, to, OrderParts.PAYMENT_BYTES);
                }
            }
        }
    }

    /// @param at Memory offset of the payment's payer; the payment follows.
    function _proveOne(bytes memory desk, uint256 at) private view returns (bytes32 id) {
        address payer;
        assembly ("memory-safe") {
            payer := shr(96, calldataload(at))
        }
        Payment payment = Payment.wrap(at + PAYER_BYTES);
        id = payment.idOf(desk);
        _made(id, _factsHash(id, payer, payment.beneficiary(), payment.granted(), payment.filledAt()));
    }

    function _copy(uint256 from, uint256 to, uint256 size) private pure returns (uint256, uint256) {
        assembly ("memory-safe") {
            calldatacopy(to, from, size)
        }
        unchecked {
            return (from + size, to + size); // calldata and memory end far below 2^256
        }
    }

    /// @dev The tag of a home escrow: a verdict counts only for payments with the tag of the verdict's sender.
    function _tagOf(uint32 domain, address escrow) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(domain, escrow))) >> 256 - TAG_BITS;
    }

    function _check(Fill calldata facts) private view returns (bytes32 id, uint256 packed) {
        id = Digests.orderIdOf(facts.order);
        packed = _made(id, _factsHash(id, facts.payer, facts.beneficiary, facts.ask, facts.filledAt));
    }

    /// @dev The stored word of a payment, if the payment was made with these facts.
    function _made(bytes32 id, bytes32 hash) private view returns (uint256 packed) {
        packed = _payments[id];
        if (packed == 0 || packed >> HASH_SHIFT != uint256(hash << HASH_SHIFT) >> HASH_SHIFT) revert UnknownFill(id);
    }

    /// @dev Hash of a payment's facts. The order's facts are in its id.
    function _factsHash(bytes32 id, address payer, address beneficiary, uint128 ask, uint64 filledAt)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(id, payer, beneficiary, ask, filledAt));
    }

    function _billOf(bytes calldata originData) private pure returns (Bill bill) {
        assembly ("memory-safe") {
            bill := originData.offset
        }
    }

    function _stateOf(uint256 packed) private pure returns (PaymentState) {
        return PaymentState(packed & STATE_MASK);
    }

    function _withState(uint256 packed, PaymentState state) private pure returns (uint256) {
        return packed >> STATE_BITS << STATE_BITS | uint256(state);
    }
}
