// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../devnet/TestToken.sol";
import {ApproveOnceToken} from "../../devnet/tokens/ApproveOnceToken.sol";
import {ListingToken} from "../../devnet/tokens/ListingToken.sol";
import {SelfRefusingToken} from "../../devnet/tokens/SelfRefusingToken.sol";
import {Fill, Landing, Order, OrderState} from "../../src/types/Types.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Tokens as they are: gives and lends them as the tests below need it.
abstract contract TokenTest is GavelTest {
    uint256 internal constant ASK = 2.6 ether;

    function _local(bytes32 salt) internal returns (Landing memory) {
        return _landingOf(home, _intent(home, _underwater(home, salt)), alice, ASK, home.domain);
    }

    function _give(address account, uint256 dollars, address spender) internal {
        home.dollar.mint(account, _dollars(home, dollars));
        vm.prank(account);
        (bool ok,) = address(home.dollar).call(abi.encodeCall(IERC20.approve, (spender, type(uint256).max)));
        assertTrue(ok);
    }

    /// @dev An expired order, bought by `buyer` for `recipient`.
    function _bought(address buyer, address recipient) internal returns (bytes32 id, Order memory order) {
        (id, order) = _openOne(home, pay, "sold", ASK);
        vm.warp(order.expiresAt + 1);
        home.collateral.expire(order);
        _give(buyer, 10_000, address(home.collateral));
        vm.prank(buyer);
        home.collateral.buy(order, 0, type(uint256).max, recipient);
    }
}

/// @title The whole life of orders, and money out of every contract, in one pair of tokens.
abstract contract WholeLifeTest is TokenTest {
    function test_LocalQuotePaysAndIsPaid() public {
        (uint8 landed,) = _land(home, _local("one"));
        assertEq(landed, 1);
        assertEq(home.ether_.balanceOf(alice.payout), ASK);
        assertEq(_balance(address(home.dollar), keeper), _dollars(home, 2));
    }

    function test_RemoteOrderIsPaidProvenSettledAndReleased() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", ASK);
        // 5,000 dollars, the keeper's 2, and five basis points of the first, rounded up in either unit.
        uint256 fee = (_dollars(home, 5000) * 5 + 9999) / 10_000;
        uint256 due = _dollars(home, 5002) + fee;
        (uint256 from, uint256 to) = (10 ** home.decimals, 10 ** pay.decimals);
        assertEq(order.payAmount, (due * to + from - 1) / from);

        Fill memory facts = _fillByWinner(pay, order);
        _reportAndDeliver(pay, facts);
        assertEq(uint8(_stateOf(home, id)), uint8(OrderState.Settled));
        assertEq(home.ether_.balanceOf(alice.payout), ASK);
        _answer(home, pay, id);
        pay.repayment.release(facts);
        assertEq(_balance(address(pay.dollar), vaultTreasury), order.payAmount);
    }

    function test_UnpaidOrderIsSoldAndItsBondForfeited() public {
        address buyer = makeAddr("buyer");
        (, Order memory order) = _bought(buyer, buyer);
        assertGt(home.ether_.balanceOf(buyer), 2 ether);
        vm.warp(block.timestamp + 7 days);
        home.collateral.forfeit(order);
        assertEq(home.vault.openClaims(), 0);
    }

    function test_BondsAndSharesAreTakenOut() public {
        address token = address(home.dollar);
        vm.startPrank(alice.account);
        home.bonds.requestWithdrawal(token, uint128(_dollars(home, 50_000)));
        vm.warp(block.timestamp + BOND_DELAY);
        home.bonds.withdraw(token, stranger);
        vm.stopPrank();
        assertEq(_balance(token, stranger), _dollars(home, 50_000));
        vm.startPrank(lender);
        home.vault.requestRedeem(home.vault.balanceOf(lender), lender, lender);
        vm.warp(block.timestamp + REDEMPTION_DELAY);
        home.vault.redeem(home.vault.maxRedeem(lender), stranger, lender);
        vm.stopPrank();
        assertApproxEqAbs(_balance(token, stranger), _dollars(home, 1_050_000), 1);
    }
}

/// @title A debt that takes no approval over a non-zero one and returns nothing, as USDT.
contract ApproveOnceTokenTest is WholeLifeTest {
    function _newDollar(uint8 decimals) internal override returns (TestToken) {
        return TestToken(address(new ApproveOnceToken(decimals, address(this))));
    }
}

/// @title A debt of 2 decimals, as GUSD, paid in a token of 27.
contract FewDecimalsTest is WholeLifeTest {
    function _decimals() internal pure override returns (uint8 atHome, uint8 onPay) {
        return (2, 27);
    }
}

/// @title A debt of 27 decimals, paid in a token of 2.
contract ManyDecimalsTest is WholeLifeTest {
    function _decimals() internal pure override returns (uint8 atHome, uint8 onPay) {
        return (27, 2);
    }
}

/// @title Tokens that refuse a recipient: a list as USDC, USDT and cbBTC have, and their own contract as LINK.
contract RefusedRecipientTest is TokenTest {
    ListingToken internal dollar;
    ListingToken internal collateral;

    function _newDollar(uint8 decimals) internal override returns (TestToken) {
        return new ListingToken(decimals, address(this));
    }

    function _newEther() internal override returns (TestToken) {
        return new ListingToken(18, address(this));
    }

    function setUp() public override {
        super.setUp();
        dollar = ListingToken(address(home.dollar));
        collateral = ListingToken(address(home.ether_));
    }

    function _expectCredit(address token, address account, uint256 amount) internal {
        assertEq(home.collateral.credits(token, account), amount);
        vm.prank(account);
        home.collateral.claim(token, stranger);
        assertEq(_balance(token, stranger), amount);
    }

    /// Were the quote passed over instead, three such quotes would make every auction void, for nothing.
    function test_LocalPayoutThatIsRefused_IsCredited() public {
        collateral.setListed(alice.payout, true);
        (uint8 landed,) = _land(home, _local("one"));
        assertEq(landed, 1);
        _expectCredit(address(collateral), alice.payout, ASK);
    }

    function test_RemotePayoutThatIsRefused_IsCredited() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", ASK);
        collateral.setListed(alice.payout, true);
        _reportAndDeliver(pay, _fillByWinner(pay, order));
        assertEq(uint8(_stateOf(home, id)), uint8(OrderState.Settled));
        _expectCredit(address(collateral), alice.payout, ASK);
    }

    function test_LanderThatIsRefused_HarmsNoSolver() public {
        dollar.setListed(keeper, true);
        Landing memory landing = _local("one");
        (uint8 landed,) = _land(home, landing);
        assertEq(landed, 0);
        assertEq(home.bonds.suspendedUntil(alice.account), 0, "not alice's fault");
        vm.prank(stranger);
        (landed,) = home.collateral.land(landing);
        assertEq(landed, 1);
    }

    function test_BountyThatIsRefused_IsCredited_AndTheVaultGetsItsPart() public {
        address buyer = makeAddr("buyer");
        address receiver = makeAddr("receiver");
        (, Order memory order) = _bought(buyer, receiver);
        dollar.setListed(receiver, true);
        vm.warp(block.timestamp + 7 days);
        (, uint256 bounty) = home.collateral.forfeit(order);
        assertGt(bounty, 0);
        assertEq(home.vault.openClaims(), 0);
        _expectCredit(address(dollar), receiver, bounty);
    }

    function test_BuyerAndTakerNameAnotherRecipient() public {
        address buyer = makeAddr("buyer");
        (, Order memory order) = _openOne(home, pay, "sold", ASK);
        vm.warp(order.expiresAt + 1);
        home.collateral.expire(order);
        _give(buyer, 100_000, address(home.collateral));
        collateral.setListed(buyer, true);
        vm.startPrank(buyer);
        vm.expectRevert(abi.encodeWithSelector(ListingToken.Listed.selector, buyer));
        home.collateral.buy(order, 0, type(uint256).max, buyer);
        home.collateral.buy(order, 0, type(uint256).max, stranger);
        vm.stopPrank();

        bytes memory position = _underwater(home, "taken");
        home.collateral.flag(MARKET, position);
        vm.warp(block.timestamp + 300);
        vm.startPrank(buyer);
        vm.expectRevert(abi.encodeWithSelector(ListingToken.Listed.selector, buyer));
        home.collateral.take(MARKET, position, 0, type(uint256).max, buyer);
        home.collateral.take(MARKET, position, 0, type(uint256).max, stranger);
        vm.stopPrank();
        assertGt(collateral.balanceOf(stranger), 4 ether);
    }

    function test_BondAndShareGoToAnotherAddressThanTheListedOwner() public {
        vm.startPrank(alice.account);
        home.bonds.requestWithdrawal(address(dollar), uint128(50_000e6));
        vm.stopPrank();
        vm.startPrank(lender);
        home.vault.requestRedeem(home.vault.balanceOf(lender), lender, lender);
        vm.stopPrank();
        dollar.setListed(alice.account, true);
        dollar.setListed(lender, true);
        vm.warp(block.timestamp + REDEMPTION_DELAY);
        vm.prank(alice.account);
        home.bonds.withdraw(address(dollar), stranger);
        vm.startPrank(lender);
        home.vault.redeem(home.vault.maxRedeem(lender), stranger, lender);
        vm.stopPrank();
        assertApproxEqAbs(dollar.balanceOf(stranger), 1_050_000e6, 1);
    }

    function test_TreasuryOfAMarketThatIsRefused_StopsNoLanding() public {
        collateral.setListed(protocolTreasury, true);
        (uint8 landed,) = _land(home, _local("one"));
        assertEq(landed, 1);
        _expectCredit(address(collateral), protocolTreasury, 0.03 ether);
    }
}

/// @title Collateral that its own contract cannot receive, as LINK, with that contract as a solver's payout.
contract SelfRefusingTokenTest is TokenTest {
    function _newEther() internal override returns (TestToken) {
        return new SelfRefusingToken(18, address(this));
    }

    function test_PayoutToTheTokenItself_StopsNothing() public {
        address token = address(home.ether_);
        vm.prank(alice.account);
        home.bonds.addPayout(token);
        vm.warp(block.timestamp + BOND_DELAY);
        alice.payout = token;
        (uint8 landed,) = _land(home, _local("one"));
        assertEq(landed, 1);
        assertEq(home.collateral.credits(token, token), ASK);
        (bytes32 id, Order memory order) = _openOne(home, pay, "two", ASK);
        _reportAndDeliver(pay, _fillByWinner(pay, order));
        assertEq(uint8(_stateOf(home, id)), uint8(OrderState.Settled));
        assertEq(home.collateral.credits(token, token), 2 * ASK);
    }
}
