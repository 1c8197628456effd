// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {RepaymentEscrow} from "../../src/RepaymentEscrow.sol";
import {Fill, Order, OrderState, PaymentState} from "../../src/types/Types.sol";
import {Encodings} from "../base/Encodings.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @title What attackers can do beside the protocol: third chains, messages of their own, chains that run back.
/// @notice One order: 5,002 dollars of debt, 2.75 ether seized, asks of 2.6 to 2.7225, a bond of 500 dollars.
abstract contract AttackTest is GavelTest {
    uint32 internal constant THIRD_DOMAIN = 1003;
    uint256 internal constant BOND = 500e6;
    uint256 internal constant BOUNTY = 25e6;
    uint256 internal constant WHOLE_BOND = 50_000e6;

    address internal thief = makeAddr("thief");
    address internal buyer = makeAddr("buyer");
    Deployment internal third;

    function setUp() public virtual override {
        super.setUp();
        home.dollar.mint(buyer, 100_000e6);
        vm.prank(buyer);
        home.dollar.approve(address(home.collateral), type(uint256).max);
        pay.dollar.mint(thief, 1_000_000e18);
        vm.prank(thief);
        pay.dollar.approve(address(pay.repayment), type(uint256).max);
    }

    /// @dev A third chain with a pay escrow of its own.
    function _third() internal returns (Deployment storage) {
        third.domain = THIRD_DOMAIN;
        third.mailbox = _deployMailbox(THIRD_DOMAIN);
        third.repayment = new RepaymentEscrow(third.mailbox, address(new AccessManager(address(this))));
        return third;
    }

    /// @dev Any account of any chain may send any message to any account.
    function _dispatchAs(
        Deployment storage from,
        address sender,
        Deployment storage to,
        address recipient,
        bytes memory body
    ) internal returns (bytes memory message) {
        vm.deal(sender, sender.balance + MESSAGE_FEE);
        vm.recordLogs();
        vm.prank(sender);
        from.mailbox.dispatch{value: MESSAGE_FEE}(to.domain, _word(recipient), body, "");
        return _dispatched()[0];
    }

    /// @dev A message's body of one verdict.
    function _verdictBody(bytes32 id, bool accepted) internal pure returns (bytes memory) {
        bool[] memory answers = new bool[](1);
        answers[0] = accepted;
        return Encodings.verdicts(_one(id), answers);
    }

    /// @dev An order whose landing never was, or was undone by a reorganisation.
    function _undone(bytes32 salt) internal returns (bytes32 id, Order memory order) {
        uint256 snapshot = cheats.snapshotState();
        (id, order) = _openOne(home, pay, salt, 2.6 ether);
        cheats.revertToState(snapshot);
    }

    function _copy(Order memory order) internal pure returns (Order memory) {
        return abi.decode(abi.encode(order), (Order));
    }

    function _idOf(Order memory order) internal pure returns (bytes32) {
        return Encodings.id(order);
    }

    function _expectOrder(bytes32 id, OrderState state) internal view {
        assertEq(uint8(_stateOf(home, id)), uint8(state), "order");
    }

    function _expectPayment(bytes32 id, PaymentState state) internal view {
        assertEq(uint8(pay.repayment.payments(id)), uint8(state), "payment");
    }

    function _wrongState(bytes32 id, PaymentState state) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(RepaymentEscrow.WrongState.selector, id, state);
    }

    function _ether(address account) internal view returns (uint256) {
        return home.ether_.balanceOf(account);
    }

    function _bondOf(Solver memory solver) internal view returns (uint256) {
        return home.bonds.balanceOf(solver.account, address(home.dollar));
    }

    function _lockedOf(Solver memory solver) internal view returns (uint256) {
        return home.bonds.lockedOf(solver.account, address(home.dollar));
    }

    /// @dev From a fill to the vault's money: alice is paid, the payment is released, nothing is left over.
    function _expectHonestEnd(bytes32 id, Fill memory facts) internal {
        _reportAndDeliver(pay, facts);
        _expectOrder(id, OrderState.Settled);
        _answer(home, pay, id);
        pay.repayment.release(facts);
        _expectPayment(id, PaymentState.Released);
        assertEq(_ether(alice.payout), 2.6 ether, "the winner has its collateral");
        assertEq(pay.dollar.balanceOf(vaultTreasury), facts.order.payAmount, "the vault has its money");
        assertEq(pay.dollar.balanceOf(address(pay.repayment)), 0, "nothing is left over");
    }
}
