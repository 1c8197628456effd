// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {RouteReceiver} from "../../src/bridge/RouteReceiver.sol";
import {Fill, Order, OrderState, PaymentState} from "../../src/types/Types.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {MockBridge} from "../base/MockBridge.sol";
import {MoodyToken, StrikingToken} from "../base/MockTokens.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title The ghost accounts that the handler keeps of what it did, what moved and what was signed.
/// @notice Nothing here is read back from the contracts' own sums. What the handler sees breaking a rule goes into
/// `faults`: a revert would undo it, and forge takes a handler's revert for an action that could not be done.
abstract contract Ghosts is GavelTest {
    struct GhostOrder {
        bytes32 id;
        uint8 at; // home chain: 0 or 1
        OrderState state;
        uint256 seized; // collateral units
        uint256 locked; // debt units of the bond that are locked for it
        uint256 claim; // debt units its sale lacked beyond the reserve
        uint64 readyAt; // of the held bond; 0: none
        address bountyTo;
        bytes encoding;
    }

    struct GhostPayment {
        bytes32 id;
        uint8 at; // pay chain
        PaymentState state;
        uint8 ends; // times it was released or refunded
        bytes facts;
    }

    struct GhostMessage {
        bytes raw;
        bool isReport;
        uint8 to; // chain
        bool delivered;
        bytes32[] ids;
        bool[] accepted; // verdicts
        bytes[] facts; // reports
    }

    /// @dev Of one home chain. Collateral units first, then debt units.
    struct GhostAccounts {
        uint256 openLots;
        uint256 surplus;
        uint256 credits;
        uint256 donated;
        uint256 deposits;
        uint256 redemptions;
        uint256 fees;
        uint256 rewarded;
        uint256 reimbursed; // of that, paid
        uint256 receivables;
        uint256 away;
        uint256 writtenOff;
        uint256 lots;
        uint256 claims;
        uint256 reserve;
        uint256 losses;
        uint256 arrived; // what the route's receiver holds and has not forwarded
    }

    uint256 internal constant PLACES = 5;
    uint256 internal constant CHAINS = 2;
    /// @dev Of the two pay chains, the one whose payments go home over a bridge; the other's stay where they are.
    uint8 internal constant PAYS_BY_BRIDGE = 1;
    uint256 private constant SAMPLE = 16;
    address private constant BORROWER = address(0xb0);

    MockBridge internal bridge;
    RouteReceiver internal receiver;

    GhostOrder[] internal orderList;
    GhostPayment[] internal paymentList;
    GhostMessage[] internal messageList;
    GhostAccounts[2] internal ghosts;
    mapping(bytes32 id => uint256) internal orderPlace; // from 1
    mapping(bytes32 id => uint256) internal paymentPlace; // from 1
    mapping(uint8 at => mapping(bytes32 id => bool)) internal refused;
    mapping(uint8 at => mapping(bytes32 key => uint256)) internal surplusOf;
    mapping(uint8 at => mapping(bytes32 key => mapping(uint256 round => bool))) internal roundUsed;
    mapping(uint8 at => mapping(address account => uint256)) internal bonded;
    mapping(uint8 at => mapping(address account => uint256)) internal lockedBond;
    /// @dev Collateral that accounts should have received.
    mapping(uint8 at => mapping(address account => uint256)) internal etherOf;
    /// @dev Collateral that accounts may claim.
    mapping(uint8 at => mapping(address account => uint256)) internal creditOf;
    /// @dev Per pay chain: payments that went into a bridge, and what of them it has delivered, both in its units.
    uint256[2] internal bridged;
    uint256[2] internal carried;
    /// @dev Per pay chain: payments that have not left, and gifts.
    uint256[2] internal paidIn;
    uint256[2] internal gifts;

    mapping(string action => uint256) public counts;
    string[] public faults;
    uint256 internal clock;

    function faultCount() external view returns (uint256) {
        return faults.length;
    }

    function _chain(uint8 at) internal view returns (Deployment storage c) {
        if (at == 0) return home;
        return pay;
    }

    function _expect(bool ok, string memory rule) internal {
        if (!ok) faults.push(rule);
    }

    function _position(uint256 place) internal pure returns (bytes memory) {
        return abi.encode(bytes32(place + 1), BORROWER);
    }

    function _etherAt(uint8 at, address account) internal view returns (uint256) {
        return IERC20(_chain(at).ether_).balanceOf(account);
    }

    function _dollarsAt(uint8 at, address account) internal view returns (uint256) {
        return IERC20(_chain(at).dollar).balanceOf(account);
    }

    function _charges(uint8 at) internal view returns (bool) {
        return StrikingToken(address(_chain(at).dollar)).strike() == StrikingToken.Strike.Charging;
    }

    /// @dev What arrives of debt tokens that are sent, less what a token that charges keeps.
    function _net(uint8 at, uint256 amount) internal view returns (uint256) {
        return _charges(at) ? amount - amount / 100 : amount;
    }

    function _debtOf(Order memory order) internal pure returns (uint256) {
        return uint256(order.repaid) + order.keeperFee;
    }

    // ---- entries ----

    function _recordSurplus(uint8 at, bytes32 key, uint256 surplus) internal {
        uint256 toTreasury = surplus * 2000 / 10_000;
        _recordCredit(at, protocolTreasury, toTreasury);
        ghosts[at].surplus += surplus - toTreasury;
        surplusOf[at][key] += surplus - toTreasury;
    }

    /// @dev Collateral sent to an account, or credited where the token refuses the account.
    function _recordPush(uint8 at, address account, uint256 amount) internal {
        if (_refuses(at, account)) _recordCredit(at, account, amount);
        else etherOf[at][account] += amount;
    }

    function _recordCredit(uint8 at, address account, uint256 amount) internal {
        ghosts[at].credits += amount;
        creditOf[at][account] += amount;
    }

    function _recordOpened(uint8 at, bytes32 id, uint256 seized, Order memory order) internal {
        _expect(orderPlace[id] == 0, "2: an order opened twice");
        _expect(!refused[at][id], "2: a refused order opened");
        GhostOrder storage it = orderList.push();
        orderPlace[id] = orderList.length;
        (it.id, it.at, it.state, it.seized) = (id, at, OrderState.Open, seized);
        it.locked = order.bond;
        it.encoding = abi.encode(order);
        ghosts[at].openLots += seized;
        ghosts[at].receivables += _debtOf(order);
        lockedBond[at][order.solver] += order.bond;
    }

    /// @param penalty Debt units that the contract said it holds back of the bond.
    function _recordSettled(uint8 at, GhostOrder storage it, Fill memory facts, uint256 penalty) internal {
        Order memory order = facts.order;
        bool late = facts.filledAt > order.exclusiveUntil;
        _expect(late == (penalty != 0), "7: a penalty held that is not a late fill's, or none");
        _expect(penalty <= order.latePenalty && penalty <= order.bond, "7: more held than the late penalty");
        _expect(facts.ask >= order.ask && facts.ask <= order.maxAsk, "5: an ask outside its bounds");
        _expect(facts.ask <= it.seized, "5: an ask above what was seized");
        GhostAccounts storage ghost = ghosts[at];
        if (it.state == OrderState.Open) ghost.receivables -= _debtOf(order);
        else ghost.lots -= _debtOf(order);
        ghost.away += _debtOf(order) + order.routeFee;
        ghost.fees += order.routeFee;
        uint256 most = _chain(at).vault.reimbursementOf(order.payDomain);
        ghost.rewarded += order.routeFee < most ? order.routeFee : most;
        ghost.openLots -= it.seized;
        it.state = OrderState.Settled;
        lockedBond[at][order.solver] -= order.bond - penalty;
        it.locked = penalty;
        (it.readyAt, it.bountyTo) = late ? (uint64(block.timestamp), facts.beneficiary) : (0, address(0));
        _recordSurplus(at, order.positionKey, it.seized - facts.ask);
        _recordPush(at, facts.beneficiary, facts.ask);
    }

    /// @dev Whether the collateral token refuses to be sent there now.
    function _refuses(uint8 at, address account) internal view returns (bool) {
        return MoodyToken(address(_chain(at).ether_)).moods(account) != MoodyToken.Mood.Willing;
    }

    function _recordSold(GhostOrder storage it, uint256 lot, uint256 price, address recipient) internal {
        Order memory order = abi.decode(it.encoding, (Order));
        GhostAccounts storage ghost = ghosts[it.at];
        uint256 debt = _debtOf(order);
        uint256 lack = debt - Math.min(price, debt);
        uint256 drawn = Math.min(ghost.reserve, lack);
        ghost.lots -= debt;
        ghost.reserve = ghost.reserve - drawn + (price - Math.min(price, debt));
        ghost.claims += lack - drawn;
        it.claim = lack - drawn;
        it.state = OrderState.Sold;
        it.readyAt = uint64(block.timestamp + 7 days);
        it.bountyTo = recipient;
        ghost.openLots -= it.seized;
        _recordSurplus(it.at, order.positionKey, it.seized - lot);
        etherOf[it.at][recipient] += lot;
    }

    /// @dev The end of a held bond, with what the vault got of it.
    function _recordHeldEnd(GhostOrder storage it, uint256 toVault) internal {
        GhostAccounts storage ghost = ghosts[it.at];
        uint256 covered = Math.min(toVault, it.claim);
        ghost.claims -= it.claim;
        ghost.reserve += toVault - covered;
        _recordLoss(it.at, it.claim - covered);
        (it.claim, it.readyAt) = (0, 0);
    }

    function _recordLoss(uint8 at, uint256 lack) internal {
        uint256 drawn = Math.min(ghosts[at].reserve, lack);
        ghosts[at].reserve -= drawn;
        ghosts[at].losses += lack - drawn;
    }

    // ---- the rules, after every action ----

    /// @notice Checks all ghost accounts, and the orders and payments that came last and some before them: a long run
    /// would otherwise do little else than look at what is over. `checkAll` looks at every one.
    function check() external {
        _check(SAMPLE);
    }

    /// @notice Checks everything there is.
    function checkAll() external {
        _check(type(uint256).max);
    }

    function _check(uint256 most) private {
        vm.warp(clock);
        for (uint8 at; at < CHAINS; ++at) {
            _checkEscrow(at);
            _checkVault(at);
            _checkBonds(at);
            _checkHands(at);
        }
        _checkOrders(most);
        _checkPayments(most);
    }

    function _checkEscrow(uint8 at) internal view {
        Deployment storage c = _chain(at);
        GhostAccounts storage ghost = ghosts[at];
        // An equality, which is more than the rule asks for: nothing is left over either.
        assertEq(
            c.ether_.balanceOf(address(c.collateral)),
            ghost.openLots + ghost.surplus + ghost.credits + ghost.donated,
            "1: collateral"
        );
        assertEq(c.dollar.balanceOf(address(c.collateral)), 0, "1: debt tokens stayed");
        uint256 credits = _checkCredit(at, protocolTreasury) + _checkCredit(at, stranger);
        for (uint256 i; i < 3; ++i) {
            credits += _checkCredit(at, _solverAt(i).payout);
        }
        assertEq(credits, ghost.credits, "1: credits");
        if (at == PAYS_BY_BRIDGE) {
            assertEq(c.dollar.balanceOf(address(bridge)), bridged[at] - carried[at], "3: in the bridge");
            Deployment storage other = _chain(1 - at);
            assertEq(other.dollar.balanceOf(address(receiver)), ghosts[1 - at].arrived, "3: at the receiver");
        }
        assertEq(c.dollar.balanceOf(address(c.repayment)), paidIn[at] + gifts[at], "3: payments");
    }

    function _checkCredit(uint8 at, address account) private view returns (uint256 credit) {
        credit = _chain(at).collateral.credits(address(_chain(at).ether_), account);
        assertEq(credit, creditOf[at][account], "1: credit");
    }

    function _checkVault(uint8 at) internal view {
        Deployment storage c = _chain(at);
        GhostAccounts storage ghost = ghosts[at];
        assertEq(c.vault.receivables(), ghost.receivables, "4: receivables");
        assertEq(c.vault.totalAway(), ghost.away, "4: away");
        uint256 impaired = c.vault.impaired(_chain(1 - at).domain);
        assertLe(impaired, ghost.away, "4: impaired");
        uint256 counted = c.vault.idle() + ghost.receivables + ghost.away - impaired + c.vault.lotMarks();
        uint256 owed = ghost.rewarded - ghost.reimbursed;
        uint256 most = (counted < owed ? 0 : counted - owed) + 1;
        assertLe(c.vault.redemptionValue(c.vault.totalSupply()), most, "4: more to redeem than there is");
        assertEq(c.vault.lots(), ghost.lots, "4: lots");
        assertEq(c.vault.openClaims(), ghost.claims, "4: claims");
        assertEq(c.vault.reserve(), ghost.reserve, "4: reserve");
        assertEq(c.vault.recordedLosses(), ghost.losses, "4: losses");
        assertEq(c.vault.reimbursementsOwed(), ghost.rewarded - ghost.reimbursed, "4: rewards");
        assertEq(
            c.vault.idle() + ghost.receivables + ghost.away + ghost.lots + ghost.claims + ghost.losses
                + ghost.redemptions + ghost.reimbursed,
            ghost.deposits + ghost.fees,
            "4: identity"
        );
        assertEq(c.dollar.balanceOf(address(c.vault)), c.vault.idle() + ghost.reserve, "4: tokens");
        assertEq(c.vault.openPrincipal(MARKET), ghost.receivables + ghost.lots + ghost.claims, "4: principal");
        assertLe(ghost.receivables + ghost.lots + ghost.claims, _dollars(c, 500_000), "8: cap on open principal");
    }

    function _checkBonds(uint8 at) internal view {
        Deployment storage c = _chain(at);
        uint256 sum;
        for (uint256 i; i < 3; ++i) {
            address account = _solverAt(i).account;
            uint256 balance = c.bonds.balanceOf(account, address(c.dollar));
            uint256 locked = c.bonds.lockedOf(account, address(c.dollar));
            assertEq(balance, bonded[at][account], "7: bond");
            assertEq(locked, lockedBond[at][account], "7: locked");
            assertLe(locked, balance, "7: locked above balance");
            sum += balance;
        }
        assertEq(c.dollar.balanceOf(address(c.bonds)), sum, "7: tokens");
    }

    /// @dev Each account's collateral: exactly the amount promised.
    function _checkHands(uint8 at) internal view {
        for (uint256 i; i < 3; ++i) {
            address payout = _solverAt(i).payout;
            assertEq(_etherAt(at, payout), etherOf[at][payout], "5: collateral of a payout");
        }
        assertEq(_etherAt(at, stranger), etherOf[at][stranger], "5: collateral of the stranger");
        assertEq(_etherAt(at, protocolTreasury), etherOf[at][protocolTreasury], "5: collateral of the treasury");
    }

    /// @dev The places to look at: the last ones, and as many of those before, which move on with time.
    function _sampled(uint256 length, uint256 most, uint256 i) private view returns (uint256) {
        if (length <= most || i < most / 2) return length - 1 - i;
        return (clock + i) % length;
    }

    function _checkOrders(uint256 most) internal view {
        uint256 count = Math.min(orderList.length, most);
        for (uint256 n; n < count; ++n) {
            uint256 i = _sampled(orderList.length, most, n);
            GhostOrder storage it = orderList[i];
            (OrderState state, uint128 seized) = _chain(it.at).collateral.orders(it.id);
            assertEq(uint256(state), uint256(it.state), "2: state");
            assertEq(seized, it.seized, "2: seized");
        }
    }

    function _checkPayments(uint256 most) internal view {
        uint256 count = Math.min(paymentList.length, most);
        for (uint256 n; n < count; ++n) {
            uint256 i = _sampled(paymentList.length, most, n);
            GhostPayment storage it = paymentList[i];
            PaymentState state = _chain(it.at).repayment.payments(it.id);
            assertEq(uint256(state), uint256(it.state), "3: state");
            assertLe(it.ends, 1, "3: released or refunded more than once");
            uint256 place = orderPlace[it.id];
            bool settled = place != 0 && orderList[place - 1].state == OrderState.Settled;
            if (state == PaymentState.Accepted || state == PaymentState.Released) {
                assertTrue(settled, "3: accepted and not settled");
            }
            if (state == PaymentState.Refused || state == PaymentState.Refunded) {
                assertFalse(settled, "3: refused and settled");
            }
        }
    }

    function _solverAt(uint256 i) internal view returns (Solver memory) {
        if (i == 0) return alice;
        if (i == 1) return bob;
        return carol;
    }
}
