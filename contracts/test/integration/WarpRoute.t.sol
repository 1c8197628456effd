// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BackstopVault} from "../../src/BackstopVault.sol";
import {RouteReceiver} from "../../src/bridge/RouteReceiver.sol";
import {WarpRouteBridge} from "../../src/bridge/WarpRouteBridge.sol";
import {DebtTerms, Fill, Order, OrderState, PaymentState, Route} from "../../src/types/Types.sol";
import {MockLendingAdapter} from "../base/MockLendingAdapter.sol";
import {WarpRouteFixture} from "../base/WarpRouteFixture.sol";

/// @notice A mock recipient of warp route fees: a quote in the token itself.
contract MockTokenFee {
    struct Quote {
        address token;
        uint256 amount;
    }

    address private immutable _TOKEN;

    constructor(address token) {
        _TOKEN = token;
    }

    function quoteTransferRemote(uint32, bytes32, uint256) external view returns (Quote[] memory quotes) {
        quotes = new Quote[](1);
        quotes[0] = Quote(_TOKEN, 1);
    }
}

/// @title Released payments over a real warp route between two real Mailboxes, home to the vault's own receiver.
contract WarpRouteTest is WarpRouteFixture {
    WarpRouteBridge internal toHome;
    RouteReceiver internal receiver;

    function setUp() public override {
        super.setUp();
        _deployWarpRoute();
        toHome = new WarpRouteBridge(synthetic);
        receiver = new RouteReceiver(home.vault, PAY_DOMAIN);
        Route memory route = _route(pay);
        route.payToken = address(synthetic);
        route.treasury = address(receiver);
        route.bridge = address(toHome);
        home.registry.setRoute(MARKET, address(home.dollar), PAY_DOMAIN, route);
        _bridgeOut(alice.account, 50_000e6);
        vm.prank(alice.account);
        synthetic.approve(address(pay.repayment), type(uint256).max);
    }

    /// @dev Opens an order at home, pays it with the synthetic, and has the payment accepted.
    function _paid(bytes32 salt) internal returns (bytes32 id, Fill memory facts) {
        Order memory order;
        (id, order) = _openOne(home, pay, salt, 2.6 ether);
        facts = _fillByWinner(pay, order);
        _reportAndDeliver(pay, facts);
        _answer(home, pay, id);
    }

    function _release(Fill memory facts) internal returns (bytes memory message) {
        uint256 fee = pay.repayment.quoteRelease(_one(facts));
        assertEq(fee, MESSAGE_FEE);
        vm.recordLogs();
        pay.repayment.release{value: fee}(facts);
        return _dispatched()[0];
    }

    function test_TheOrderNamesBridgeAndReceiver() public {
        (, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        assertEq(order.bridge, address(toHome));
        assertEq(order.treasury, address(receiver));
        assertEq(order.payToken, address(synthetic));
        assertEq(address(toHome.token()), address(synthetic));
        assertEq(address(toHome.router()), address(synthetic));
    }

    /// The synthetic is burned there, the dollar unlocked here, and the vault counts it as away until it is home.
    function test_BurnedThereUnlockedHere_AwayUntilItArrives() public {
        uint256 locked = home.dollar.balanceOf(address(locker));
        uint256 supply = synthetic.totalSupply();
        (bytes32 id, Fill memory facts) = _paid("one");
        assertEq(uint8(_stateOf(home, id)), uint8(OrderState.Settled));
        assertEq(home.vault.away(PAY_DOMAIN), 5004.5e6);
        bytes memory message = _release(facts);
        assertEq(uint8(pay.repayment.payments(id)), uint8(PaymentState.Released));
        assertEq(synthetic.totalSupply(), supply - 5004.5e18);
        assertEq(synthetic.balanceOf(address(pay.repayment)), 0);
        assertEq(home.vault.away(PAY_DOMAIN), 5004.5e6, "on its way: still away");
        _deliver(message);
        assertEq(home.dollar.balanceOf(address(receiver)), 5004.5e6);
        assertEq(locked - home.dollar.balanceOf(address(locker)), 5004.5e6);
        assertEq(home.vault.away(PAY_DOMAIN), 5004.5e6, "at the receiver: still away");
        uint256 price = home.vault.totalAssets();
        vm.prank(stranger);
        assertEq(receiver.forward(), 5004.5e6);
        assertEq(home.vault.away(PAY_DOMAIN), 0);
        assertEq(home.vault.idle(), 1_000_002.5e6, "whole again, and the route fee earned");
        assertEq(home.vault.totalAssets(), price, "an arrival moves no price");
        assertEq(home.dollar.balanceOf(address(home.vault)), home.vault.idle());
    }

    function test_ManyReleasesInOneTransfer() public {
        Fill[] memory fills = new Fill[](3);
        (, fills[0]) = _paid("one");
        (, fills[1]) = _paid("two");
        (, fills[2]) = _paid("three");
        vm.recordLogs();
        pay.repayment.releaseMany{value: MESSAGE_FEE}(fills);
        bytes[] memory messages = _dispatched();
        assertEq(messages.length, 1);
        _deliver(messages[0]);
        assertEq(receiver.forward(), 3 * 5004.5e6);
        assertEq(home.vault.totalAway(), 0);
    }

    /// The other way round: the payment is locked here, and a synthetic minted to the receiver of the other chain's
    /// vault.
    function test_LockedHereMintedThere() public {
        vm.chainId(pay.chainId);
        BackstopVault vault =
            new BackstopVault(synthetic, "Gavel hUSD", "ghUSD", address(pay.manager), REDEMPTION_DELAY);
        vault.setEscrow(address(pay.collateral));
        RouteReceiver receiverThere = new RouteReceiver(vault, HOME_DOMAIN);
        WarpRouteBridge fromHome = new WarpRouteBridge(locker);
        DebtTerms memory terms = _debtTerms(pay);
        terms.vault = address(vault);
        pay.registry.setDebtTerms(MARKET, address(synthetic), terms);
        Route memory route = _route(home);
        route.treasury = address(receiverThere);
        route.bridge = address(fromHome);
        pay.registry.setRoute(MARKET, address(synthetic), HOME_DOMAIN, route);
        vm.startPrank(alice.account);
        synthetic.approve(address(vault), 20_000e18);
        vault.deposit(20_000e18, alice.account);
        synthetic.approve(address(pay.bonds), 5000e18);
        pay.bonds.deposit(alice.account, address(synthetic), 5000e18);
        vm.stopPrank();

        bytes memory position = _underwaterWith(pay, "there", 5000e18, 2.75 ether);
        pay.adapter
            .setPosition(
                position,
                MockLendingAdapter.Position(address(pay.ether_), address(synthetic), 5000e18, 2.75 ether, 0.97e18)
            );
        (bytes32 id, Order memory order) =
            _open(pay, _landingOf(pay, _intent(pay, position), alice, 2.6 ether, HOME_DOMAIN));
        Fill memory facts = _fillByWinner(home, order);
        _reportAndDeliver(home, facts);
        _answer(pay, home, id);
        uint256 locked = home.dollar.balanceOf(address(locker));
        vm.recordLogs();
        home.repayment.release{value: 1 ether}(facts);
        _deliver(_dispatched()[0]);
        assertEq(home.dollar.balanceOf(address(locker)) - locked, 5004.5e6);
        assertEq(home.dollar.allowance(address(fromHome), address(locker)), 0);
        assertEq(receiverThere.forward(), 5004.5e18);
        assertEq(vault.totalAway(), 0);
        assertEq(vault.idle(), 20_002.5e18);
    }

    // ---- failing and slow bridges ----

    /// While the warp route refuses, the payment stays where it is; nothing is lost and nothing is final.
    function test_FailingBridge_IsTriedAgain() public {
        (bytes32 id, Fill memory facts) = _paid("one");
        synthetic.setFeeRecipient(address(new MockTokenFee(address(synthetic)))); // would arrive short
        vm.expectRevert(
            abi.encodeWithSelector(WarpRouteBridge.ChargesTokens.selector, address(synthetic), 5004.5e18 + 1, 5004.5e18)
        );
        pay.repayment.release{value: 1 ether}(facts);
        assertEq(uint8(pay.repayment.payments(id)), uint8(PaymentState.Accepted));
        assertEq(synthetic.balanceOf(address(pay.repayment)), 5004.5e18);
        synthetic.setFeeRecipient(address(0));
        _deliver(_release(facts));
        assertEq(receiver.forward(), 5004.5e6);
    }

    function test_FailingBridge_NoRemoteRouter() public {
        (bytes32 id, Fill memory facts) = _paid("one");
        synthetic.unenrollRemoteRouter(HOME_DOMAIN);
        vm.expectRevert("No router enrolled for domain: 1001");
        pay.repayment.release{value: 1 ether}(facts);
        assertEq(uint8(pay.repayment.payments(id)), uint8(PaymentState.Accepted));
        synthetic.enrollRemoteRouter(HOME_DOMAIN, _bytes32(address(locker)));
        _release(facts);
    }

    /// A delivery that cannot be paid out yet is delivered again later; the vault counts the money as away all the
    /// while.
    function test_DelayedBridge_LosesNothing() public {
        (, Fill memory facts) = _paid("one");
        bytes memory message = _release(facts);
        isms[HOME_DOMAIN].setRefusing(true);
        vm.expectRevert("Mailbox: ISM verification failed");
        home.mailbox.process("", message);
        vm.warp(block.timestamp + 7 days);
        assertEq(home.vault.away(PAY_DOMAIN), 5004.5e6);
        assertEq(home.vault.totalAssets(), 1_000_002.5e6);
        isms[HOME_DOMAIN].setRefusing(false);

        uint256 locked = home.dollar.balanceOf(address(locker));
        vm.prank(address(locker));
        home.dollar.transfer(stranger, locked); // the route's collateral is elsewhere for now
        vm.expectRevert();
        home.mailbox.process("", message);
        vm.prank(stranger);
        home.dollar.transfer(address(locker), locked);
        _deliver(message);
        assertEq(receiver.forward(), 5004.5e6);
    }

    function test_ArrivalsOfTwoRoutesAreToldApart() public {
        RouteReceiver another = new RouteReceiver(home.vault, 1003);
        (, Fill memory facts) = _paid("one");
        _deliver(_release(facts));
        vm.expectRevert(abi.encodeWithSelector(RouteReceiver.NothingToForward.selector, 0, 0));
        another.forward();
        receiver.forward();
        vm.expectRevert(abi.encodeWithSelector(RouteReceiver.NothingToForward.selector, 0, 0));
        receiver.forward();
    }
}
