// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../devnet/TestToken.sol";
import {SolverBonds} from "../../src/SolverBonds.sol";
import {IEscrowLock} from "../../src/interfaces/IEscrowLock.sol";
import {QuoteStatus} from "../../src/types/Types.sol";
import {FeeOnTransferToken, NoReturnToken} from "../base/MockTokens.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {stdError} from "forge-std/StdError.sol";
import {Test} from "forge-std/Test.sol";

/// @notice A mock escrow's lock, set by the test.
contract MockLock is IEscrowLock {
    bool public locked;

    function set(bool locked_) external {
        locked = locked_;
    }
}

contract SolverBondsTest is Test {
    uint64 internal constant DELAY = 1 days;
    uint256 internal constant START = 1_790_000_000;

    SolverBonds internal bonds;
    TestToken internal token;
    address internal account = makeAddr("account");
    address internal key = makeAddr("key");
    address internal payout = makeAddr("payout");
    address internal escrow = address(new MockLock());

    function setUp() public {
        vm.warp(START);
        bonds = new SolverBonds(address(new AccessManager(address(this))), DELAY);
        bonds.setEscrow(escrow);
        token = new TestToken("Dollar", "USD", 6, address(this));
        token.mint(account, 1000e6);
        vm.prank(account);
        token.approve(address(bonds), type(uint256).max);
    }

    function _deposit(uint256 amount) internal {
        vm.prank(account);
        bonds.deposit(account, address(token), amount);
    }

    function _ms(uint256 seconds_) internal pure returns (uint64) {
        return uint64(seconds_ * 1000);
    }

    // ---- the escrow ----

    function test_Escrow_OnceRestrictedNotZero() public {
        SolverBonds fresh = new SolverBonds(address(new AccessManager(address(this))), DELAY);
        vm.prank(account);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, account));
        fresh.setEscrow(escrow);
        vm.expectRevert(SolverBonds.ZeroAddress.selector);
        fresh.setEscrow(address(0));
        vm.expectEmit(address(fresh));
        emit SolverBonds.EscrowSet(escrow);
        fresh.setEscrow(escrow);
        vm.expectRevert(SolverBonds.EscrowAlreadySet.selector);
        fresh.setEscrow(account);
    }

    function test_LockAndUnlock_OnlyEscrow() public {
        vm.expectRevert(SolverBonds.OnlyEscrow.selector);
        bonds.lock(account, address(token), 1);
        vm.expectRevert(SolverBonds.OnlyEscrow.selector);
        bonds.unlock(account, address(token), 1);
    }

    function test_LockAndUnlock() public {
        _deposit(100e6);
        vm.startPrank(escrow);
        vm.expectEmit(address(bonds));
        emit SolverBonds.Locked(account, address(token), 60e6);
        bonds.lock(account, address(token), 60e6);
        assertEq(bonds.freeOf(account, address(token)), 40e6);
        assertEq(bonds.lockedOf(account, address(token)), 60e6);
        vm.expectRevert(abi.encodeWithSelector(SolverBonds.InsufficientFree.selector, 40e6, 40e6 + 1));
        bonds.lock(account, address(token), 40e6 + 1);
        vm.expectEmit(address(bonds));
        emit SolverBonds.Unlocked(account, address(token), 60e6);
        bonds.unlock(account, address(token), 60e6);
        vm.expectRevert();
        bonds.unlock(account, address(token), 1);
        vm.stopPrank();
        assertEq(bonds.freeOf(account, address(token)), 100e6);
    }

    // ---- deposits and withdrawals ----

    function test_Deposit_ForAnother() public {
        address other = makeAddr("other");
        vm.expectEmit(address(bonds));
        emit SolverBonds.Deposited(other, address(token), 100e6);
        vm.prank(account);
        bonds.deposit(other, address(token), 100e6);
        assertEq(bonds.balanceOf(other, address(token)), 100e6);
        assertEq(bonds.balanceOf(account, address(token)), 0);
    }

    function test_Deposit_Refused() public {
        vm.startPrank(account);
        vm.expectRevert(SolverBonds.ZeroAddress.selector);
        bonds.deposit(address(0), address(token), 1);
        vm.expectRevert(SolverBonds.ZeroAmount.selector);
        bonds.deposit(account, address(token), 0);
        vm.stopPrank();
    }

    function test_Deposit_AmountTooLarge() public {
        TestToken wide = new TestToken("Wide", "W", 18, address(this));
        wide.mint(account, type(uint256).max);
        vm.startPrank(account);
        wide.approve(address(bonds), type(uint256).max);
        bonds.deposit(account, address(wide), type(uint128).max);
        vm.expectRevert(abi.encodeWithSelector(SolverBonds.AmountTooLarge.selector, uint256(type(uint128).max) + 1));
        bonds.deposit(account, address(wide), 1);
        vm.stopPrank();
    }

    function test_Deposit_CreditsWhatArrived() public {
        FeeOnTransferToken fee = new FeeOnTransferToken();
        fee.mint(account, 100e18);
        vm.startPrank(account);
        fee.approve(address(bonds), 100e18);
        bonds.deposit(account, address(fee), 100e18);
        vm.stopPrank();
        assertEq(bonds.balanceOf(account, address(fee)), 99e18);
        assertEq(fee.balanceOf(address(bonds)), 99e18);
    }

    function test_Deposit_TokenWithoutReturnValue() public {
        NoReturnToken old = new NoReturnToken();
        old.mint(account, 5e6);
        vm.startPrank(account);
        old.approve(address(bonds), 5e6);
        bonds.deposit(account, address(old), 5e6);
        bonds.requestWithdrawal(address(old), 5e6);
        vm.warp(START + DELAY);
        bonds.withdraw(address(old), payout);
        vm.stopPrank();
        assertEq(old.balanceOf(payout), 5e6);
    }

    function test_Withdraw_AfterTheDelay() public {
        _deposit(100e6);
        vm.startPrank(account);
        vm.expectEmit(address(bonds));
        emit SolverBonds.WithdrawalRequested(account, address(token), 70e6, uint64(START + DELAY));
        bonds.requestWithdrawal(address(token), 70e6);
        assertEq(bonds.freeOf(account, address(token)), 100e6, "still lockable");
        vm.warp(START + DELAY - 1);
        vm.expectRevert(abi.encodeWithSelector(SolverBonds.NotReady.selector, START + DELAY));
        bonds.withdraw(address(token), payout);
        vm.warp(START + DELAY);
        vm.expectRevert(SolverBonds.ZeroAddress.selector);
        bonds.withdraw(address(token), address(0));
        vm.expectEmit(address(bonds));
        emit SolverBonds.Withdrawn(account, address(token), payout, 70e6);
        assertEq(bonds.withdraw(address(token), payout), 70e6);
        vm.expectRevert(SolverBonds.ZeroAmount.selector);
        bonds.withdraw(address(token), payout);
        vm.expectRevert(SolverBonds.ZeroAmount.selector);
        bonds.requestWithdrawal(address(token), 0);
        vm.stopPrank();
        assertEq(token.balanceOf(payout), 70e6);
        assertEq(bonds.balanceOf(account, address(token)), 30e6);
    }

    /// Quotes count on nothing that could leave before their awards land.
    function test_Quotable_LessWhatStandsAtTheDoor() public {
        _deposit(100e6);
        assertEq(bonds.quotableOf(account, address(token)), 100e6);
        vm.prank(account);
        bonds.requestWithdrawal(address(token), 70e6);
        assertEq(bonds.quotableOf(account, address(token)), 100e6, "far from ready");
        vm.warp(START + DELAY - 1 hours - 1);
        assertEq(bonds.quotableOf(account, address(token)), 100e6);
        vm.warp(START + DELAY - 1 hours);
        assertEq(bonds.quotableOf(account, address(token)), 30e6);
        assertEq(bonds.freeOf(account, address(token)), 100e6, "still lockable");
        vm.prank(escrow);
        bonds.lock(account, address(token), 50e6);
        assertEq(bonds.quotableOf(account, address(token)), 0);
        vm.warp(START + DELAY + 1 days);
        assertEq(bonds.quotableOf(account, address(token)), 0);
        vm.warp(START + DELAY + 1 days + 1);
        assertEq(bonds.quotableOf(account, address(token)), 50e6, "lapsed");
    }

    function test_Withdraw_LockedWhilePending() public {
        _deposit(100e6);
        vm.prank(account);
        bonds.requestWithdrawal(address(token), 100e6);
        vm.prank(escrow);
        bonds.lock(account, address(token), 80e6);
        vm.warp(START + DELAY);
        vm.prank(account);
        assertEq(bonds.withdraw(address(token), account), 20e6, "as far as it is free");
        vm.startPrank(account);
        bonds.requestWithdrawal(address(token), 100e6);
        vm.warp(START + 2 * DELAY);
        vm.expectRevert(abi.encodeWithSelector(SolverBonds.InsufficientFree.selector, 0, 100e6));
        bonds.withdraw(address(token), account);
        vm.stopPrank();
    }

    function test_Withdraw_ANewRequestReplacesTheOld() public {
        _deposit(100e6);
        vm.startPrank(account);
        bonds.requestWithdrawal(address(token), 10e6);
        vm.warp(START + DELAY);
        bonds.requestWithdrawal(address(token), 90e6);
        vm.expectRevert(abi.encodeWithSelector(SolverBonds.NotReady.selector, START + 2 * DELAY));
        bonds.withdraw(address(token), account);
        vm.stopPrank();
    }

    // ---- keys and payouts ----

    function test_Key_CountsFromTheDelayOn() public {
        vm.expectEmit(address(bonds));
        emit SolverBonds.KeyAdded(account, key, uint64(START + DELAY));
        vm.prank(account);
        bonds.addKey(key);
        assertFalse(bonds.isKey(account, key, _ms(START + DELAY) - 1));
        assertTrue(bonds.isKey(account, key, _ms(START + DELAY)));
        assertFalse(bonds.isKey(payout, key, _ms(START + DELAY)), "of this account only");
    }

    function test_Key_RemovedForWhatIsAhead() public {
        vm.prank(account);
        bonds.addKey(key);
        vm.warp(START + 2 * DELAY);
        vm.expectEmit(address(bonds));
        emit SolverBonds.KeyRemoved(account, key, uint64(block.timestamp));
        vm.prank(account);
        bonds.removeKey(key);
        assertTrue(bonds.isKey(account, key, _ms(block.timestamp)), "a promise already made");
        assertFalse(bonds.isKey(account, key, _ms(block.timestamp) + 1));
    }

    function test_Key_RemovedBeforeItCounted() public {
        vm.startPrank(account);
        bonds.addKey(key);
        bonds.removeKey(key);
        vm.stopPrank();
        assertFalse(bonds.isKey(account, key, _ms(START + DELAY)));
        assertFalse(bonds.isKey(account, key, _ms(START)));
    }

    function test_Key_NeverComesBack() public {
        vm.startPrank(account);
        vm.expectRevert(abi.encodeWithSelector(SolverBonds.NotRegistered.selector, key));
        bonds.removeKey(key);
        bonds.addKey(key);
        vm.expectRevert(abi.encodeWithSelector(SolverBonds.AlreadyRegistered.selector, key));
        bonds.addKey(key);
        bonds.removeKey(key);
        vm.expectRevert(abi.encodeWithSelector(SolverBonds.NotRegistered.selector, key));
        bonds.removeKey(key);
        vm.expectRevert(abi.encodeWithSelector(SolverBonds.AlreadyRegistered.selector, key));
        bonds.addKey(key);
        vm.expectRevert(SolverBonds.ZeroAddress.selector);
        bonds.addKey(address(0));
        vm.stopPrank();
    }

    function test_Payout() public {
        vm.startPrank(account);
        vm.expectEmit(address(bonds));
        emit SolverBonds.PayoutAdded(account, payout, uint64(START + DELAY));
        bonds.addPayout(payout);
        assertFalse(bonds.isPayout(account, payout, _ms(START + DELAY) - 1));
        assertTrue(bonds.isPayout(account, payout, _ms(START + DELAY)));
        vm.warp(START + 2 * DELAY);
        vm.expectEmit(address(bonds));
        emit SolverBonds.PayoutRemoved(account, payout, uint64(block.timestamp));
        bonds.removePayout(payout);
        assertTrue(bonds.isPayout(account, payout, _ms(block.timestamp)));
        assertFalse(bonds.isPayout(account, payout, _ms(block.timestamp) + 1));
        vm.expectRevert(SolverBonds.ZeroAddress.selector);
        bonds.addPayout(address(0));
        vm.stopPrank();
    }

    // ---- epochs ----

    function test_Epoch_CancelsOnlyWhatIsAhead() public {
        assertTrue(bonds.isLive(account, 0, type(uint64).max));
        assertFalse(bonds.isLive(account, 1, 0), "an epoch not begun");
        vm.expectEmit(address(bonds));
        emit SolverBonds.EpochRaised(account, 1);
        vm.prank(account);
        assertEq(bonds.raiseEpoch(), 1);
        assertTrue(bonds.isLive(account, 0, _ms(START)));
        assertFalse(bonds.isLive(account, 0, _ms(START) + 1));
        assertTrue(bonds.isLive(account, 1, _ms(START)));
        vm.warp(START + 5);
        vm.prank(account);
        bonds.raiseEpoch();
        assertFalse(bonds.isLive(account, 0, _ms(START) + 1), "an ended epoch stays ended");
        assertTrue(bonds.isLive(account, 1, _ms(START + 5)));
        assertFalse(bonds.isLive(account, 1, _ms(START + 5) + 1));
    }

    function test_QuoteStatus() public {
        _expectQuoteStatus(key, payout, 0, QuoteStatus.NotItsKey);
        vm.startPrank(account);
        bonds.addKey(key);
        bonds.addPayout(payout);
        vm.stopPrank();
        _expectQuoteStatus(key, payout, 0, QuoteStatus.NotItsKey);
        vm.warp(START + DELAY);
        _expectQuoteStatus(key, payout, 0, QuoteStatus.Good);
        _expectQuoteStatus(key, key, 0, QuoteStatus.PayoutNotRegistered);
        _expectQuoteStatus(key, payout, 1, QuoteStatus.EpochEnded);
        _expectQuoteStatus(payout, payout, 0, QuoteStatus.NotItsKey);
        vm.prank(account);
        bonds.removeKey(key);
        _expectQuoteStatus(key, payout, 0, QuoteStatus.Good); // a promise already made
        vm.warp(START + DELAY + 1);
        _expectQuoteStatus(key, payout, 0, QuoteStatus.EpochEnded);
        _expectQuoteStatus(key, payout, 1, QuoteStatus.NotItsKey);
    }

    function _expectQuoteStatus(address signer, address to, uint64 epoch, QuoteStatus expected) internal view {
        assertEq(uint8(bonds.quoteStatus(account, signer, to, epoch, _ms(block.timestamp))), uint8(expected));
    }

    /// Locked never exceeds the balance, and the contract holds every bond.
    function testFuzz_LockedWithinBalance(uint256 seed) public {
        _deposit(500e6);
        uint256 locked;
        for (uint256 i; i < 12; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            uint256 amount = draw % 300e6 + 1;
            uint256 free = bonds.freeOf(account, address(token));
            if (draw >> 128 & 3 == 0 && amount <= free) {
                vm.prank(escrow);
                bonds.lock(account, address(token), amount);
                locked += amount;
            } else if (draw >> 128 & 3 == 1 && locked != 0) {
                amount = amount % locked + 1;
                vm.prank(escrow);
                bonds.unlock(account, address(token), amount);
                locked -= amount;
            } else if (free != 0) {
                vm.startPrank(account);
                bonds.requestWithdrawal(address(token), uint128(amount));
                vm.warp(block.timestamp + DELAY);
                bonds.withdraw(address(token), account);
                vm.stopPrank();
            }
            assertEq(bonds.lockedOf(account, address(token)), locked);
            assertLe(locked, bonds.balanceOf(account, address(token)));
            assertEq(token.balanceOf(address(bonds)), bonds.balanceOf(account, address(token)));
        }
    }

    // ---- forfeits, fades, the lock ----

    function test_Forfeit_OnlyOfWhatIsLocked() public {
        _deposit(100e6);
        vm.startPrank(escrow);
        bonds.lock(account, address(token), 60e6);
        vm.expectRevert(stdError.arithmeticError);
        bonds.forfeit(account, address(token), 60e6 + 1, payout);
        vm.expectEmit(address(bonds));
        emit SolverBonds.Forfeited(account, address(token), payout, 20e6);
        bonds.forfeit(account, address(token), 20e6, payout);
        vm.stopPrank();
        assertEq(token.balanceOf(payout), 20e6);
        assertEq(bonds.balanceOf(account, address(token)), 80e6);
        assertEq(bonds.lockedOf(account, address(token)), 40e6);
        assertEq(bonds.freeOf(account, address(token)), 40e6);
    }

    function test_Fade_TakesOfTheFreePartAndSuspends() public {
        _deposit(100e6);
        vm.startPrank(escrow);
        bonds.lock(account, address(token), 60e6);
        assertEq(bonds.fade(account, address(token), 30e6, payout), 30e6);
        assertEq(bonds.suspendedUntil(account), START + 1 hours);
        vm.warp(START + 10);
        assertEq(bonds.fade(account, address(token), 30e6, payout), 10e6, "no more than is free");
        assertEq(bonds.fade(account, address(token), 30e6, payout), 0);
        vm.stopPrank();
        assertEq(bonds.suspendedUntil(account), START + 10 + 1 hours);
        assertEq(bonds.lockedOf(account, address(token)), 60e6);
        assertEq(bonds.balanceOf(account, address(token)), 60e6);
        assertEq(token.balanceOf(payout), 40e6);
    }

    function test_ForfeitAndFade_OnlyEscrow() public {
        vm.expectRevert(SolverBonds.OnlyEscrow.selector);
        bonds.forfeit(account, address(token), 1, payout);
        vm.expectRevert(SolverBonds.OnlyEscrow.selector);
        bonds.fade(account, address(token), 1, payout);
    }

    function _quoteStatus(uint64 quoteBy) internal view returns (QuoteStatus) {
        return bonds.quoteStatus(account, key, payout, 0, quoteBy);
    }

    function test_Suspension_ByWhenThePromiseWasMade() public {
        vm.startPrank(account);
        bonds.addKey(key);
        bonds.addPayout(payout);
        vm.stopPrank();
        uint256 at = START + 2 * DELAY;
        vm.warp(at);
        vm.prank(escrow);
        bonds.fade(account, address(token), 0, payout);
        assertEq(uint8(_quoteStatus(_ms(at))), uint8(QuoteStatus.Good), "promised before");
        assertEq(uint8(_quoteStatus(_ms(at) + 1)), uint8(QuoteStatus.Suspended));
        vm.warp(at + 30 minutes);
        vm.prank(escrow);
        bonds.fade(account, address(token), 0, payout); // prolonged, from the same start
        assertEq(uint8(_quoteStatus(_ms(at) + 1)), uint8(QuoteStatus.Suspended));
        vm.warp(at + 90 minutes - 1);
        assertEq(uint8(_quoteStatus(_ms(at) + 1)), uint8(QuoteStatus.Suspended));
        vm.warp(at + 90 minutes);
        assertEq(uint8(_quoteStatus(_ms(at) + 1)), uint8(QuoteStatus.Good));
        vm.prank(escrow);
        bonds.fade(account, address(token), 0, payout); // a new one
        assertEq(uint8(_quoteStatus(_ms(at) + 1)), uint8(QuoteStatus.Good));
        assertEq(uint8(_quoteStatus(_ms(block.timestamp) + 1)), uint8(QuoteStatus.Suspended));
    }

    function test_Locked_NothingMovesIn_NothingMovesOut() public {
        _deposit(100e6);
        vm.prank(account);
        bonds.requestWithdrawal(address(token), 10e6);
        vm.warp(START + DELAY);
        MockLock(escrow).set(true);
        vm.startPrank(account);
        vm.expectRevert(SolverBonds.EscrowLocked.selector);
        bonds.withdraw(address(token), account);
        vm.expectRevert(SolverBonds.EscrowLocked.selector);
        bonds.deposit(account, address(token), 1);
        MockLock(escrow).set(false);
        bonds.withdraw(address(token), account);
        bonds.deposit(account, address(token), 1);
    }

    /// A matured request that stood forever would be an exit a moment before any forfeit.
    function test_Attack_AStandingRequestLapses() public {
        _deposit(100e6);
        vm.startPrank(account);
        bonds.requestWithdrawal(address(token), 100e6);
        uint256 lapsesAt = START + DELAY + bonds.WITHDRAWAL_WINDOW();
        vm.warp(lapsesAt + 1);
        vm.expectRevert(abi.encodeWithSelector(SolverBonds.RequestLapsed.selector, lapsesAt));
        bonds.withdraw(address(token), account);
        bonds.requestWithdrawal(address(token), 100e6);
        vm.warp(lapsesAt + 1 + DELAY + bonds.WITHDRAWAL_WINDOW());
        assertEq(bonds.withdraw(address(token), account), 100e6, "asked for anew, good to the last second");
        vm.stopPrank();
    }

    /// A withdrawal asked for early leaves the bond lockable until it is paid, and pays only what is free then.
    function test_Attack_WithdrawalRacingALock() public {
        _deposit(100e6);
        vm.prank(account);
        bonds.requestWithdrawal(address(token), 100e6);
        vm.warp(START + DELAY);
        vm.prank(escrow);
        bonds.lock(account, address(token), 70e6);
        vm.prank(account);
        assertEq(bonds.withdraw(address(token), account), 30e6);
        vm.prank(escrow);
        bonds.forfeit(account, address(token), 70e6, payout);
        assertEq(bonds.balanceOf(account, address(token)), 0);
    }
}
