// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BackstopVault} from "../../src/BackstopVault.sol";
import {IERC7540Operator, IERC7540Redeem} from "../../src/interfaces/external/IERC7540.sol";
import {DelayedRedemption} from "../../src/vault/DelayedRedemption.sol";
import {MockLock, VaultTest} from "../base/VaultTest.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @notice A mock token that calls another contract back in the middle of a transfer.
contract CallingToken is ERC20("Calling", "CALL") {
    address private _target;
    bytes private _data;
    bool public succeeded;
    bytes public returned;

    function mint(address account, uint256 amount) external {
        _mint(account, amount);
    }

    function callNext(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (_target == address(0)) return;
        address target = _target;
        _target = address(0);
        (succeeded, returned) = target.call(_data);
    }
}

/// @notice A mock escrow that does what it is told, and is never locked.
contract MockActingEscrow is MockLock {
    function act(address target, bytes calldata data) external returns (bytes memory) {
        (bool ok, bytes memory result) = target.call(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(result, 32), mload(result))
            }
        }
        return result;
    }
}

contract VaultRedemptionTest is VaultTest {
    // ---- requests ----

    function test_Request_TakesTheSharesAndQuotes() public {
        uint256 shares = vault.balanceOf(lender);
        vm.expectEmit(address(vault));
        emit IERC7540Redeem.RedeemRequest(lender, lender, 0, lender, shares / 4);
        vm.expectEmit(address(vault));
        emit DelayedRedemption.RedeemQuoted(lender, shares / 4, 250e6, uint64(START + DELAY));
        vm.prank(lender);
        assertEq(vault.requestRedeem(shares / 4, lender, lender), 0);
        assertEq(vault.balanceOf(lender), shares - shares / 4);
        assertEq(vault.balanceOf(address(vault)), shares / 4, "waiting, and still in the supply");
        assertEq(vault.totalSupply(), shares);
        assertEq(vault.pendingRedeemRequest(0, lender), shares / 4);
        assertEq(vault.claimableRedeemRequest(0, lender), 0);
        assertEq(vault.maxRedeem(lender), 0);
        assertEq(vault.maxWithdraw(lender), 0);
        assertEq(vault.requested(), 250e6);
        assertEq(vault.lendable(), 750e6, "what waits to leave is not lent");
        vm.warp(START + DELAY);
        assertEq(vault.pendingRedeemRequest(0, lender), 0);
        assertEq(vault.claimableRedeemRequest(0, lender), shares / 4);
        assertEq(vault.maxRedeem(lender), shares / 4);
        assertEq(vault.maxWithdraw(lender), 250e6);
    }

    function test_Request_Zero() public {
        vm.prank(lender);
        vm.expectRevert(DelayedRedemption.ZeroShares.selector);
        vault.requestRedeem(0, lender, lender);
    }

    function test_Request_MoreThanOwned() public {
        uint256 shares = vault.balanceOf(lender);
        vm.prank(lender);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, lender, shares, shares + 1)
        );
        vault.requestRedeem(shares + 1, lender, lender);
    }

    function test_Request_ForAnotherNeedsAnAllowanceOrAnOperator() public {
        uint256 shares = vault.balanceOf(lender);
        vm.prank(thief);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, thief, 0, shares));
        vault.requestRedeem(shares, thief, lender);

        vm.prank(lender);
        vault.approve(other, shares / 2);
        vm.prank(other);
        vault.requestRedeem(shares / 2, other, lender);
        assertEq(vault.allowance(lender, other), 0);
        assertEq(vault.pendingRedeemRequest(0, other), shares / 2);

        vm.prank(lender);
        vm.expectEmit(address(vault));
        emit IERC7540Operator.OperatorSet(lender, keeper, true);
        assertTrue(vault.setOperator(keeper, true));
        vm.prank(keeper);
        vault.requestRedeem(shares / 4, lender, lender);
        assertEq(vault.pendingRedeemRequest(0, lender), shares / 4);
        vm.prank(lender);
        vault.setOperator(keeper, false);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, keeper, 0, 1));
        vault.requestRedeem(1, lender, lender);
    }

    /// Otherwise any account with a share could restart another's wait.
    function test_Request_CannotBeForcedOnAController() public {
        _requestAll(lender);
        _deposit(thief, 1e6);
        vm.prank(thief);
        vm.expectRevert(abi.encodeWithSelector(DelayedRedemption.NotOperator.selector, lender, thief));
        vault.requestRedeem(1, lender, thief);
        assertEq(vault.requestOf(lender).claimableAt, START + DELAY);
        vm.prank(lender);
        vault.setOperator(thief, true);
        vm.prank(thief);
        vault.requestRedeem(1, lender, thief);
    }

    function test_Request_AddingStartsTheWaitAnewAtTheLowerQuote() public {
        uint256 half = vault.balanceOf(lender) / 2;
        _request(lender, half);
        assertEq(vault.requested(), 500e6);
        _expired("order", 400e6, 200e6);
        vm.warp(START + DELAY - 1);
        _request(lender, half);
        DelayedRedemption.Request memory request = vault.requestOf(lender);
        assertEq(request.claimableAt, START + 2 * uint256(DELAY) - 1);
        assertEq(request.remaining, 2 * half);
        assertEq(request.quotedAssets, 800e6, "all of it at today's lower price");
        assertEq(vault.requested(), 800e6);
        _settleLot("order", 0);
        vm.warp(request.claimableAt);
        assertEq(vault.maxWithdraw(lender), 600e6, "800, as far as money is here");
    }

    function test_Request_ClaimFirst() public {
        uint256 half = vault.balanceOf(lender) / 2;
        _request(lender, half);
        vm.warp(START + DELAY);
        vm.prank(lender);
        vm.expectRevert(abi.encodeWithSelector(DelayedRedemption.ClaimFirst.selector, half));
        vault.requestRedeem(half, lender, lender);
        _claimAll(lender);
        _request(lender, half);
        assertEq(vault.requestOf(lender).claimableAt, block.timestamp + DELAY);
    }

    // ---- claims ----

    function test_Claim_NotBeforeItsTime() public {
        uint256 shares = vault.balanceOf(lender);
        _requestAll(lender);
        vm.warp(START + DELAY - 1);
        vm.startPrank(lender);
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxRedeem.selector, lender, shares, 0));
        vault.redeem(shares, lender, lender);
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxWithdraw.selector, lender, 1, 0));
        vault.withdraw(1, lender, lender);
        vm.stopPrank();
    }

    function test_Claim_NothingRequested() public {
        vm.startPrank(lender);
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxRedeem.selector, lender, 1, 0));
        vault.redeem(1, lender, lender);
        vm.expectRevert(DelayedRedemption.ZeroShares.selector);
        vault.redeem(0, lender, lender);
        vm.expectRevert(DelayedRedemption.ZeroShares.selector);
        vault.withdraw(0, lender, lender);
        vm.stopPrank();
    }

    function test_Claim_Redeem() public {
        uint256 shares = vault.balanceOf(lender);
        _requestAll(lender);
        vm.warp(START + DELAY);
        uint256 before = token.balanceOf(other);
        vm.expectEmit(address(vault));
        emit ERC4626Events.Withdraw(lender, other, lender, 1000e6, shares);
        vm.prank(lender);
        assertEq(vault.redeem(shares, other, lender), 1000e6);
        assertEq(token.balanceOf(other) - before, 1000e6);
        assertEq(vault.totalSupply(), 0);
        assertEq(vault.requested(), 0);
        assertEq(vault.idle(), 0);
        assertEq(vault.requestOf(lender).claimableAt, 0);
    }

    function test_Claim_WithdrawInParts() public {
        uint256 shares = vault.balanceOf(lender);
        _requestAll(lender);
        vm.warp(START + DELAY);
        vm.startPrank(lender);
        assertEq(vault.withdraw(250e6, lender, lender), shares / 4);
        assertEq(vault.claimableRedeemRequest(0, lender), shares - shares / 4);
        assertEq(vault.requested(), 750e6);
        assertEq(vault.redeem(shares / 4, lender, lender), 250e6);
        vault.withdraw(500e6, lender, lender);
        vm.stopPrank();
        assertEq(vault.totalSupply(), 0);
    }

    function test_Claim_ByTheControllerOrItsOperatorOnly() public {
        _requestAll(lender);
        vm.warp(START + DELAY);
        vm.startPrank(thief);
        vm.expectRevert(abi.encodeWithSelector(DelayedRedemption.NotOperator.selector, lender, thief));
        vault.redeem(1e6, thief, lender);
        vm.expectRevert(abi.encodeWithSelector(DelayedRedemption.NotOperator.selector, lender, thief));
        vault.withdraw(1, thief, lender);
        vm.stopPrank();
        vm.prank(lender);
        vault.setOperator(keeper, true);
        vm.prank(keeper);
        vault.withdraw(1000e6, lender, lender);
    }

    function test_Claim_AtTheLowerPrice_GainsWhileWaitingStay() public {
        _deposit(other, 1000e6);
        _requestAll(lender);
        _front(500e6);
        _settle(500e6, 100e6); // a fee as never was
        vm.warp(START + DELAY);
        assertEq(_claimAll(lender), 1000e6, "the price at request");
        assertApproxEqAbs(vault.convertToAssets(vault.balanceOf(other)), 1100e6, 1);
    }

    function test_Claim_AtTheLowerPrice_LossesWhileWaitingAreShared() public {
        _deposit(other, 1000e6);
        _requestAll(lender);
        _expired("order", 400e6, 280e6);
        vm.warp(START + DELAY);
        assertEq(_claimAll(lender), 940e6, "marked down by 120, half of it this lender's");
        assertEq(vault.redemptionValue(vault.balanceOf(other)), 940e6);
    }

    function test_Claim_WaitsForMoneyThatIsAway() public {
        _front(400e6);
        _requestAll(lender);
        _settle(400e6, 0);
        vm.warp(START + DELAY);
        assertEq(vault.maxWithdraw(lender), 600e6);
        assertEq(_claimAll(lender), 600e6);
        assertEq(vault.maxRedeem(lender), 0);
        vault.bringHome(PAY_DOMAIN, 400e6);
        assertEq(_claimAll(lender), 400e6);
        assertEq(vault.totalSupply(), 0);
    }

    function test_Lending_LeavesWhatIsRequested() public {
        _request(lender, vault.balanceOf(lender) * 3 / 4);
        vm.expectRevert(abi.encodeWithSelector(BackstopVault.InsufficientIdle.selector, 250e6, 250e6 + 1));
        _front(250e6 + 1);
        _front(250e6);
        assertEq(vault.lendable(), 0);
        vm.warp(START + DELAY);
        assertEq(_claimAll(lender), 750e6);
    }

    function test_Previews_Revert() public {
        vm.expectRevert(DelayedRedemption.RedemptionIsAsynchronous.selector);
        vault.previewRedeem(1);
        vm.expectRevert(DelayedRedemption.RedemptionIsAsynchronous.selector);
        vault.previewWithdraw(1);
    }

    function test_Interfaces() public view {
        assertTrue(vault.supportsInterface(0x01ffc9a7), "ERC-165");
        assertTrue(vault.supportsInterface(0xe3bc4e65), "ERC-7540 operators");
        assertTrue(vault.supportsInterface(0x620ee8e4), "ERC-7540 redemption");
        assertTrue(vault.supportsInterface(0x2f0a18c5), "ERC-7575");
        assertFalse(vault.supportsInterface(0xce3bbe50), "deposits are no requests");
        assertFalse(vault.supportsInterface(0xffffffff));
        assertEq(vault.share(), address(vault));
        assertEq(vault.redemptionDelay(), DELAY);
    }

    // ---- one lock ----

    function test_Lock_NoShareMovesInsideALandingOrASale() public {
        _request(lender, vault.balanceOf(lender) / 2);
        vm.warp(START + DELAY);
        escrow.setLocked(true);
        vm.startPrank(lender);
        vm.expectRevert(BackstopVault.EscrowLocked.selector);
        vault.deposit(1e6, lender);
        vm.expectRevert(BackstopVault.EscrowLocked.selector);
        vault.mint(1e12, lender);
        vm.expectRevert(BackstopVault.EscrowLocked.selector);
        vault.requestRedeem(1e6, lender, lender);
        vm.expectRevert(BackstopVault.EscrowLocked.selector);
        vault.redeem(1e6, lender, lender);
        vm.expectRevert(BackstopVault.EscrowLocked.selector);
        vault.withdraw(1, lender, lender);
        vm.expectRevert(BackstopVault.EscrowLocked.selector);
        vault.bringHome(PAY_DOMAIN, 1);
        vm.expectRevert(BackstopVault.EscrowLocked.selector);
        vault.fundReserve(1);
        vm.expectRevert(BackstopVault.EscrowLocked.selector);
        vault.claimReimbursement(lender);
        vm.stopPrank();
        escrow.setLocked(false);
        _deposit(lender, 1e6);
    }

    /// And the other way round: no landing inside a deposit, whose token calls the escrow.
    function test_Lock_NoLandingInsideADeposit() public {
        CallingToken calling = new CallingToken();
        MockActingEscrow acting = new MockActingEscrow();
        BackstopVault fresh = new BackstopVault(calling, "", "", address(new AccessManager(address(this))), DELAY);
        fresh.setEscrow(address(acting));
        calling.mint(address(this), 100e18);
        calling.approve(address(fresh), type(uint256).max);
        fresh.deposit(50e18, address(this));
        bytes memory front = abi.encodeCall(fresh.front, (MARKET, type(uint256).max, adapter, 10e18, keeper, 0));
        calling.callNext(address(acting), abi.encodeCall(acting.act, (address(fresh), front)));
        fresh.deposit(50e18, address(this));
        assertFalse(calling.succeeded());
        assertEq(bytes4(calling.returned()), ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        acting.act(address(fresh), front);
    }

    function test_WithoutAnEscrowNothingIsLocked() public {
        BackstopVault fresh = new BackstopVault(token, "", "", address(new AccessManager(address(this))), DELAY);
        token.approve(address(fresh), 1e6);
        fresh.deposit(1e6, address(this));
    }

    // ---- attacks ----

    /// A vault whose lot is marked down is no bargain: the lot counts in full for a new depositor.
    function test_Attack_DepositIntoAMarkedDownVault() public {
        _expired("order", 500e6, 100e6);
        uint256 before = _depositPrice();
        uint256 shares = _deposit(thief, 1000e6);
        assertEq(shares, 1000e12, "a whole dollar for each share");
        assertEq(_depositPrice(), before);
        _settleLot("order", 0); // the lot recovers
        vault.bringHome(PAY_DOMAIN, 500e6);
        assertLe(_requestAndClaimAll(thief), 1000e6);
        assertGe(vault.redemptionValue(vault.balanceOf(lender)), 1000e6);
    }

    /// What a bond will cover is in the price of deposits before it comes, and what it brings moves no price.
    function test_Attack_DepositBeforeAForfeitAndRedeemAfter() public {
        _expired("order", 500e6, 350e6);
        _sellLot("order", 400e6); // 100 short, and the bond will bring 130
        _deposit(thief, 1000e6);
        uint256 before = _depositPrice();
        _forfeit("order", 130e6);
        assertEq(_depositPrice(), before, "a forfeit moves no price");
        assertEq(vault.reserve(), 30e6);
        assertLe(_requestAndClaimAll(thief), 1000e6);
        assertGe(vault.redemptionValue(vault.balanceOf(lender)), 1000e6, "nothing of it was the thief's");
    }

    /// Nor does one that has nothing to cover: a late or faded winner's goes to the reserve alone.
    function test_Attack_DepositBeforeALatePenalty() public {
        _deposit(thief, 1000e6);
        _forfeit(0, 500e6);
        assertEq(vault.reserve(), 500e6);
        assertLe(_requestAndClaimAll(thief), 1000e6);
        assertEq(vault.redemptionValue(vault.balanceOf(lender)), 1000e6);
    }

    /// An exit waits out every order open at its request, and then gets the lower price.
    function test_Attack_RedeemAheadOfAKnownLoss() public {
        _deposit(thief, 1000e6);
        _front(1000e6);
        _requestAll(thief); // the collateral has crashed; the thief knows, the vault's accounts do not
        vm.warp(START + DELAY / 2);
        _openLot("order", 1000e6, 400e6);
        vm.warp(START + DELAY);
        uint256 got = _claimAll(thief);
        assertEq(got, 700e6, "half of the loss like everyone");
        assertEq(vault.redemptionValue(vault.balanceOf(lender)), 700e6);
    }

    /// With the lot expired already, the request itself is quoted at the mark.
    function test_Attack_RedeemAheadOfAKnownLoss_AfterExpiry() public {
        _deposit(thief, 1000e6);
        _expired("order", 1000e6, 400e6);
        _requestAll(thief);
        _sellLot("order", 1000e6); // it fetched everything after all
        vm.warp(START + DELAY);
        assertEq(_claimAll(thief), 700e6, "the price at request");
        assertApproxEqAbs(vault.redemptionValue(vault.balanceOf(lender)), 1300e6, 1);
    }

    /// And between the sale and the verdict on the bond, the open claim counts for nothing to those who leave.
    function test_Attack_RedeemAheadOfAKnownLoss_BeforeTheBondIsDecided() public {
        _deposit(thief, 1000e6);
        _expired("order", 1000e6, 400e6);
        _sellLot("order", 400e6);
        assertEq(_requestAndClaimAll(thief), 700e6);
        _forfeit("order", 0); // the bond was freed
        assertEq(vault.redemptionValue(vault.balanceOf(lender)), 700e6);
    }

    // ---- prices under fuzz ----

    /// However deposits, requests and claims follow one another over any state of the accounts, no other share loses by
    /// one of them.
    function testFuzz_PricesNeverFallByADepositOrARedemption(uint256 seed) public {
        address[3] memory accounts = [lender, other, thief];
        for (uint256 i; i < 24; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            if (draw % 2 == 0) {
                _disturb(draw >> 8, i);
                continue;
            }
            address account = accounts[(draw >> 24) % 3];
            uint256 depositPrice = _depositPrice();
            uint256 redemptionPrice = _redemptionPrice();
            _act(account, draw >> 32);
            assertGe(_depositPrice(), depositPrice, "deposit price");
            assertGe(_redemptionPrice(), redemptionPrice, "redemption price");
            assertLe(_redemptionPrice(), _depositPrice());
        }
    }

    function _act(address account, uint256 draw) private {
        uint256 kind = draw % 4;
        uint256 amount = (draw >> 8) % 300e6 + 1;
        if (kind == 0) {
            _deposit(account, amount);
        } else if (kind == 1 && vault.balanceOf(account) != 0 && vault.claimableRedeemRequest(0, account) == 0) {
            _request(account, (draw >> 64) % vault.balanceOf(account) + 1);
        } else if (kind == 2 && vault.maxRedeem(account) != 0) {
            uint256 shares = (draw >> 64) % vault.maxRedeem(account) + 1;
            uint256 fair = vault.redemptionValue(shares);
            vm.prank(account);
            assertLe(vault.redeem(shares, account, account), fair);
        } else if (vault.maxWithdraw(account) != 0) {
            uint256 assets = (draw >> 64) % vault.maxWithdraw(account) + 1;
            vm.prank(account);
            uint256 shares = vault.withdraw(assets, account, account);
            assertGe(shares * _redemptionPrice() / 1e36 + 1, assets);
        }
    }

    /// @dev Something that may move prices by itself: time, fees, expiry, sales, forfeits.
    function _disturb(uint256 draw, uint256 step) private {
        uint256 kind = draw % 5;
        uint256 amount = (draw >> 8) % 200e6 + 1;
        if (kind == 0) {
            vm.warp(block.timestamp + (draw >> 16) % 3 hours);
        } else if (kind == 1 && amount <= vault.lendable()) {
            _front(amount);
            _settle(amount, amount / 100);
        } else if (kind == 2 && amount <= vault.lendable()) {
            _expired(bytes32(step), amount, amount * 7 / 10);
        } else if (kind == 3 && vault.totalAway() != 0) {
            vault.bringHome(PAY_DOMAIN, vault.totalAway());
        } else if (step != 0 && vault.lotOf(bytes32(step - 1)).principal != 0) {
            if (_onSale(bytes32(step - 1))) _sellLot(bytes32(step - 1), amount);
            else _forfeit(bytes32(step - 1), amount / 2);
        }
    }

    function _onSale(bytes32 id) private view returns (bool) {
        return uint8(vault.lotOf(id).state) == 1;
    }
}

/// @dev Only for its event.
interface ERC4626Events {
    event Withdraw(
        address indexed sender, address indexed receiver, address indexed owner, uint256 assets, uint256 shares
    );
}
