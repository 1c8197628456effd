// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../devnet/TestToken.sol";
import {BackstopVault} from "../../src/BackstopVault.sol";
import {IBackstopVault} from "../../src/interfaces/IBackstopVault.sol";
import {VaultAccounts} from "../../src/vault/VaultAccounts.sol";
import {FeeOnTransferToken} from "../base/MockTokens.sol";
import {MockLock} from "../base/VaultTest.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Test} from "forge-std/Test.sol";

contract BackstopVaultTest is Test {
    bytes32 internal constant MARKET = "mock-alpha";
    uint32 internal constant PAY_DOMAIN = 1002;

    BackstopVault internal vault;
    TestToken internal token;
    address internal escrow = address(new MockLock());
    address internal adapter = makeAddr("adapter");
    address internal keeper = makeAddr("keeper");
    address internal lender = makeAddr("lender");

    function setUp() public {
        token = new TestToken("Dollar", "USD", 6, address(this));
        vault = new BackstopVault(token, "Gavel dollar", "gUSD", address(new AccessManager(address(this))), 2 hours);
        vault.setEscrow(escrow);
        token.mint(lender, 10_000e6);
        vm.startPrank(lender);
        token.approve(address(vault), type(uint256).max);
        vault.deposit(1000e6, lender);
        vm.stopPrank();
    }

    function _front(uint256 cap, uint256 repay, uint256 keeperFee) internal {
        vm.prank(escrow);
        vault.front(MARKET, cap, adapter, repay, keeper, keeperFee);
    }

    function _expectAccounts(uint256 idle, uint256 receivables, uint256 away) internal view {
        assertEq(vault.idle(), idle);
        assertEq(vault.receivables(), receivables);
        assertEq(vault.totalAway(), away);
        assertEq(vault.totalAssets(), idle + receivables + away);
        assertGe(token.balanceOf(address(vault)), idle);
    }

    function test_Escrow_OnceRestrictedNotZero() public {
        BackstopVault fresh = new BackstopVault(token, "", "", address(new AccessManager(address(this))), 2 hours);
        vm.prank(lender);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, lender));
        fresh.setEscrow(escrow);
        vm.expectRevert(BackstopVault.ZeroAddress.selector);
        fresh.setEscrow(address(0));
        vm.expectEmit(address(fresh));
        emit BackstopVault.EscrowSet(escrow);
        fresh.setEscrow(escrow);
        vm.expectRevert(BackstopVault.EscrowAlreadySet.selector);
        fresh.setEscrow(lender);
    }

    function test_OnlyEscrow() public {
        vm.expectRevert(BackstopVault.OnlyEscrow.selector);
        vault.front(MARKET, 1, adapter, 1, keeper, 0);
        vm.expectRevert(BackstopVault.OnlyEscrow.selector);
        vault.giveBack(MARKET, 1);
        vm.expectRevert(BackstopVault.OnlyEscrow.selector);
        vault.settle(MARKET, 1, 1, PAY_DOMAIN, IBackstopVault.Reward(keeper, 0));
    }

    function test_Deposit_CountsIdleAndMintsShares() public {
        assertEq(vault.balanceOf(lender), 1000e6 * 1e6, "six more digits");
        assertEq(vault.decimals(), 12);
        assertEq(vault.asset(), address(token));
        _expectAccounts(1000e6, 0, 0);
    }

    function test_Deposit_ZeroAmount() public {
        vm.prank(lender);
        vm.expectRevert(BackstopVault.ZeroAmount.selector);
        vault.deposit(0, lender);
    }

    function test_Deposit_FeeOnTransferTokenIsRefused() public {
        FeeOnTransferToken fee = new FeeOnTransferToken();
        BackstopVault fresh = new BackstopVault(fee, "", "", address(new AccessManager(address(this))), 2 hours);
        fee.mint(address(this), 100e18);
        fee.approve(address(fresh), 100e18);
        vm.expectRevert(abi.encodeWithSelector(BackstopVault.UnexpectedAmount.selector, 99e18, 100e18));
        fresh.deposit(100e18, address(this));
    }

    function test_DonationMovesNothing() public {
        uint256 shares = vault.previewDeposit(100e6);
        token.mint(address(vault), 1_000_000e6);
        assertEq(vault.previewDeposit(100e6), shares);
        _expectAccounts(1000e6, 0, 0);
    }

    function test_Front() public {
        vm.expectEmit(address(vault));
        emit BackstopVault.Fronted(MARKET, 500e6, 2e6);
        _front(1000e6, 500e6, 2e6);
        _expectAccounts(498e6, 502e6, 0);
        assertEq(vault.openPrincipal(MARKET), 502e6);
        assertEq(token.balanceOf(adapter), 500e6);
        assertEq(token.balanceOf(keeper), 2e6);
        _front(1000e6, 100e6, 0);
        assertEq(token.balanceOf(keeper), 2e6);
    }

    function test_Front_InsufficientIdle() public {
        token.mint(address(vault), 500e6); // a donation is not float
        vm.expectRevert(abi.encodeWithSelector(BackstopVault.InsufficientIdle.selector, 1000e6, 1001e6));
        _front(type(uint256).max, 999e6, 2e6);
        _front(type(uint256).max, 998e6, 2e6);
        _expectAccounts(0, 1000e6, 0);
    }

    function test_Front_CapCountsAllOpenOrdersOfTheMarket() public {
        _front(600e6, 500e6, 2e6);
        vm.expectRevert(abi.encodeWithSelector(BackstopVault.PrincipalCapExceeded.selector, 600e6, 601e6));
        _front(600e6, 99e6, 0);
        _front(600e6, 98e6, 0);
        vm.prank(escrow);
        vault.front("another", 100e6, adapter, 100e6, keeper, 0);
        assertEq(vault.openPrincipal("another"), 100e6);
    }

    function test_GiveBack() public {
        _front(1000e6, 500e6, 2e6);
        vm.prank(adapter);
        token.transfer(address(vault), 200e6);
        vm.expectEmit(address(vault));
        emit BackstopVault.GivenBack(MARKET, 200e6);
        vm.prank(escrow);
        vault.giveBack(MARKET, 200e6);
        _expectAccounts(698e6, 302e6, 0);
        assertEq(vault.openPrincipal(MARKET), 302e6);
    }

    function test_SettleAndBringHome() public {
        _front(1000e6, 500e6, 2e6);
        vm.expectEmit(address(vault));
        emit VaultAccounts.SettledFromAway(MARKET, PAY_DOMAIN, 502e6, 3e6);
        vm.prank(escrow);
        vault.settle(MARKET, 502e6, 3e6, PAY_DOMAIN, IBackstopVault.Reward(keeper, 0));
        _expectAccounts(498e6, 0, 505e6);
        assertEq(vault.openPrincipal(MARKET), 0);

        vm.startPrank(lender);
        vm.expectRevert(abi.encodeWithSelector(VaultAccounts.NotAway.selector, 505e6, 506e6));
        vault.bringHome(PAY_DOMAIN, 506e6);
        vm.expectRevert(abi.encodeWithSelector(VaultAccounts.NotAway.selector, 0, 1));
        vault.bringHome(PAY_DOMAIN + 1, 1);
        vm.expectRevert(BackstopVault.ZeroAmount.selector);
        vault.bringHome(PAY_DOMAIN, 0);
        vm.expectEmit(address(vault));
        emit BackstopVault.BroughtHome(PAY_DOMAIN, lender, 500e6);
        vault.bringHome(PAY_DOMAIN, 500e6);
        vm.stopPrank();
        assertEq(vault.away(PAY_DOMAIN), 5e6);
        _expectAccounts(998e6, 0, 5e6);
    }

    function test_FeesAreTheDepositorsGain() public {
        uint256 before = vault.convertToAssets(vault.balanceOf(lender));
        _front(1000e6, 500e6, 2e6);
        assertEq(vault.convertToAssets(vault.balanceOf(lender)), before, "lending moves no price");
        vm.prank(escrow);
        vault.settle(MARKET, 502e6, 3e6, PAY_DOMAIN, IBackstopVault.Reward(keeper, 0));
        assertApproxEqAbs(vault.convertToAssets(vault.balanceOf(lender)), before + 3e6, 1);
    }

    /// A donation is not counted, so a first depositor cannot round later ones away.
    function test_FirstDepositorCannotRoundOthersAway() public {
        BackstopVault fresh = new BackstopVault(token, "", "", address(new AccessManager(address(this))), 2 hours);
        address thief = makeAddr("thief");
        token.mint(thief, 10_000e6);
        vm.startPrank(thief);
        token.approve(address(fresh), type(uint256).max);
        fresh.deposit(1, thief);
        token.transfer(address(fresh), 9000e6);
        vm.stopPrank();
        vm.startPrank(lender);
        token.approve(address(fresh), type(uint256).max);
        uint256 shares = fresh.deposit(1000e6, lender);
        vm.stopPrank();
        assertEq(fresh.convertToAssets(shares), 1000e6);
    }

    /// idle + receivables + away = deposits + fees, and the balance covers idle, in every sequence of actions.
    function testFuzz_Accounts(uint256 seed) public {
        uint256 deposits = 1000e6;
        uint256 fees;
        for (uint256 i; i < 16; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            uint256 amount = draw % 400e6 + 1;
            uint256 kind = draw >> 200 & 3;
            if (kind == 0) {
                vm.prank(lender);
                vault.deposit(amount, lender);
                deposits += amount;
            } else if (kind == 1 && amount + 2e6 <= vault.idle()) {
                _front(type(uint256).max, amount, 2e6);
            } else if (kind == 2 && vault.receivables() != 0) {
                amount = amount % vault.receivables() + 1;
                vm.prank(escrow);
                vault.settle(MARKET, amount, amount / 2000, PAY_DOMAIN, IBackstopVault.Reward(keeper, 0));
                fees += amount / 2000;
            } else if (vault.totalAway() != 0) {
                amount = amount % vault.totalAway() + 1;
                token.mint(address(this), amount);
                token.approve(address(vault), amount);
                vault.bringHome(PAY_DOMAIN, amount);
            }
            assertEq(vault.totalAssets(), deposits + fees);
            assertEq(token.balanceOf(address(vault)), vault.idle());
            assertEq(vault.openPrincipal(MARKET), vault.receivables());
        }
    }
}
